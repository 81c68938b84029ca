// The open conversation. What changed is asked for by version, so nothing is missed and nothing is doubled, however long
// the line was down. At the bottom the thread follows; elsewhere what is new is counted on a button. Older pages come
// when they are scrolled to, and a message counts as read when it stands in front of somebody.

const crm = window.crm;
const { arrange, place, keepingPlace, fromBottom, isAtBottom } = crm.places;

const thread = () => document.getElementById("thread");
const scroll = () => document.getElementById("thread-scroll");
const list = () => document.getElementById("messages");
const button = () => document.getElementById("thread-newer");

let version = 0;
let unseen = 0;
let mustRead = false;
let today = new Date().toDateString();

// -- The bottom, and what waits there -------------------------------------------------------------------------

function toBottom() {
  scroll().scrollTop = 0;
  count(0);
}

function count(number) {
  unseen = number;
  const label = button();
  if (!label) return;
  const far = fromBottom() > 600;
  label.hidden = !unseen && !far;
  label.querySelector("span").textContent =
    unseen === 0 ? label.dataset.none : unseen === 1 ? label.dataset.one : label.dataset.many.replace("{n}", unseen);
}

document.addEventListener("scroll", (event) => {
  if (event.target.id !== "thread-scroll") return;
  if (isAtBottom()) {
    count(0);
    readSoon();
  } else count(unseen);
}, true);

// -- What changed --------------------------------------------------------------------------------------------

const changes = crm.serial(async () => {
  if (crm.opened() && !crm.live.ended) await catchUp(crm.opened());
});

async function catchUp(id) {
  const answer = await crm.ask(`${thread().dataset.url}/messages?since=${version}`);
  if (!answer.ok || id !== crm.opened()) return;
  if (answer.headers.has("X-Reload")) return reload();
  const { fresh, all } = await place(answer.text);
  version = Math.max(version, Number(answer.headers.get("X-Version")) || 0);
  noticed(fresh, all);
}

function noticed(fresh, all) {
  const inbound = fresh.filter((message) => message.dataset.direction === "inbound");
  const lines = all.filter((message) => message.dataset.kind === "system");
  if (inbound.length) {
    mustRead = true;
    say(inbound);
    if (!isAtBottom()) count(unseen + inbound.length);
    readSoon();
  }
  if (inbound.length || lines.length) renew({ composer: lines.length > 0 || isBlocked() });
}

const isBlocked = () => Boolean(document.getElementById("composer")?.dataset.why);

// The regions around the messages, as the server has them now. Nothing typed is touched, and no menu closes under a hand.
let owed = false;

let withComposer = false;

function renew({ composer = true } = {}) {
  withComposer ||= composer;
  return renewAll();
}

const renewAll = crm.serial(async () => {
  const parts = { "thread-head": "head", cliente: "customer", ...(withComposer && { composer: "composer" }) };
  withComposer = false;
  if (crm.opened()) await Promise.all(Object.entries(parts).map(([element, name]) => renewOne(element, name, crm.opened())));
});

async function renewOne(element, name, id) {
  const answer = await crm.ask(`${thread().dataset.url}/${name}`);
  const target = document.getElementById(element);
  if (!answer.ok || id !== crm.opened() || !target) return;
  if (target.querySelector("details[data-menu][open]")) owed = true;
  else if (element === "composer") await crm.renewComposer(answer.text);
  else await crm.swap(target, answer.text);
}

document.addEventListener("toggle", (event) => {
  if (!owed || event.target.open || !event.target.closest("#thread-head")) return;
  owed = false;
  renew({ composer: false });
}, true);

async function reload() {
  const id = crm.opened();
  const answer = await crm.ask(`${thread().dataset.url}/thread`);
  if (!answer.ok || id !== crm.opened()) return;
  await keepingPlace(() => crm.swap(thread(), answer.text));
  begin();
}

// -- Said and read -------------------------------------------------------------------------------------------

function say(messages) {
  const region = document.getElementById("thread-said");
  const name = thread().dataset.customer;
  const last = messages.at(-1);
  const words = last.querySelector(".words")?.textContent ?? last.querySelector(".bubble")?.textContent ?? "";
  const pattern = messages.length === 1 ? region.dataset.said : region.dataset.many;
  region.textContent = pattern.replace("{name}", name).replace("{n}", messages.length).replace("{words}", words.trim().slice(0, 200));
}

// Read means: in front of somebody, at the place where the new message stands.
const readSoon = crm.throttle(() => {
  if (!mustRead || !crm.opened() || document.visibilityState !== "visible" || !document.hasFocus() || !isAtBottom()) return;
  mustRead = false;
  crm.ask(`${thread().dataset.url}/reading`, { method: "POST" });
}, 1000);

addEventListener("focus", readSoon);
document.addEventListener("visibilitychange", readSoon);

// -- Older pages ---------------------------------------------------------------------------------------------

let sight = null;
let loading = false;

async function older() {
  const link = document.getElementById("older");
  if (!link || loading) return false;
  loading = true;
  const answer = await crm.ask(link.querySelector("a").dataset.older);
  loading = false;
  if (!answer.ok || !link.isConnected) return false;
  await keepingPlace(() => {
    const nodes = [...crm.parse(answer.text).children].filter((node) => !document.getElementById(node.id) || node.id === "older");
    link.replaceWith(...nodes);
    arrange();
  });
  observe();
  return true;
}

function observe() {
  sight?.disconnect();
  const link = document.getElementById("older");
  if (!link) return;
  const seen = (entries) => entries.some((entry) => entry.isIntersecting) && older();
  sight = new IntersectionObserver(seen, { root: scroll(), rootMargin: "800px 0px 0px" });
  sight.observe(link);
}

async function jump(id) {
  for (let page = 0; page < 8 && !document.getElementById(id); page += 1) if (!(await older())) break;
  const message = document.getElementById(id);
  message?.scrollIntoView({ block: "center" });
  message?.classList.add("is-flash");
  setTimeout(() => message?.classList.remove("is-flash"), 1500);
}

// -- Hands ---------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const target = event.target.closest("#thread-newer, a[data-older], a[data-jump], .message");
  if (!target || !list()) return;
  if (target.id === "thread-newer") toBottom();
  else if (target.dataset.older !== undefined) older();
  else if (target.matches("[data-jump]")) jump(target.hash.slice(1));
  else return touch(target);
  event.preventDefault();
});

function touch(message) {
  list().querySelectorAll(".is-touched").forEach((other) => other !== message && other.classList.remove("is-touched"));
  message.classList.toggle("is-touched");
}

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-retry]")) return;
  event.preventDefault();
  const submit = event.target.querySelector("button");
  submit.disabled = true;
  const answer = await crm.ask(event.target.action, { method: "POST", body: new FormData(event.target) });
  submit.disabled = false;
  if (answer.ok) await place(answer.text);
  else crm.problem(answer);
});

// -- Life ----------------------------------------------------------------------------------------------------

function begin() {
  if (!list()) return;
  version = Number(thread().dataset.version);
  arrange();
  observe();
}

function opened() {
  count(0);
  mustRead = false;
  crm.live.watch(crm.opened());
  if (!list()) return;
  begin();
  const line = document.getElementById("unread-line");
  if (line && line.getBoundingClientRect().top < scroll().getBoundingClientRect().top) line.scrollIntoView({ block: "start" });
  count(0);
}

crm.thread = { place, toBottom, renew, arrange, list, keepingPlace };

document.addEventListener("inbox:opened", opened);
document.addEventListener("live:conversation", (event) => {
  if (event.detail.id === crm.opened() && event.detail.version > version) changes();
});
document.addEventListener("live:connected", (event) => {
  if (!crm.opened()) return;
  changes();
  if (event.detail.again) renew();
});
document.addEventListener("clock:closed", (event) => {
  if (event.detail.id && event.detail.id === crm.opened()) renew();
});
document.addEventListener("live:pulse", () => {
  const date = new Date().toDateString();
  if (date !== today && crm.opened()) reload();
  today = date;
});
// Closing, reopening and giving away change the head; what may be written follows.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.request && event.target.closest?.("#thread-head, #composer")) renew();
});
opened();

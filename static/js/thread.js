// The open conversation. What changed is asked for by version, so nothing is missed and nothing is doubled, however long
// the line was down. At the bottom the thread follows; elsewhere what is new is counted on a button. Older pages come
// when they are scrolled to, and a message counts as read when it stands in front of somebody.

const crm = window.crm;
const { arrange, place, keepingPlace, fromBottom, hasGap, isAtBottom } = crm.places;

const thread = () => document.getElementById("thread");
const scroll = () => document.getElementById("thread-scroll");
const list = () => document.getElementById("messages");
const button = () => document.getElementById("thread-newer");

let version = 0;
let unseen = 0;
let mustRead = false;
let today = new Date().toDateString();

// -- The bottom, and what waits there -------------------------------------------------------------------------

async function toBottom() {
  if (hasGap()) await turnTo("");
  scroll().scrollTop = 0;
  count(0);
}

function count(number) {
  unseen = number;
  const label = button();
  if (!label) return;
  const far = hasGap() || fromBottom() > 600;
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
  const answer = await crm.ask(`${thread().dataset.url}/thread${hasGap() ? `?message=${inSight()}` : ""}`);
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

// -- Older and newer pages -----------------------------------------------------------------------------------

let sight = null;
let loading = false;

// The message that stands first in the window.
function inSight() {
  const top = scroll().getBoundingClientRect().top;
  const first = [...list().querySelectorAll(".message[data-order]")].find((message) => message.getBoundingClientRect().bottom > top);
  return first?.id.slice("message-".length) ?? "";
}

// Another page of the same thread: around a message, or the newest. What is being written stays.
async function turnTo(message) {
  const id = crm.opened();
  const answer = await crm.ask(`${thread().dataset.url}/thread${message && `?message=${message}`}`);
  if (id !== crm.opened()) return false;
  if (!answer.ok) {
    crm.problem(answer);
    return false;
  }
  const fresh = crm.parse(answer.text).querySelector("#thread");
  thread().dataset.version = fresh.dataset.version;
  await crm.swap(list(), fresh.querySelector("#messages").innerHTML, "innerHTML");
  begin();
  crm.tell("thread:turned");
  return true;
}

async function goTo(message) {
  const here = () => document.getElementById(`message-${message}`);
  if (!here() && !(await turnTo(message))) return;
  await crm.places.settled();
  flash(here());
}

function flash(message) {
  if (!message) return;
  message.scrollIntoView({ block: "center" });
  message.classList.add("is-flash");
  setTimeout(() => message.classList.remove("is-flash"), 2000);
  count(0);
}

async function newer() {
  const link = document.getElementById("newer");
  if (!link || loading) return;
  loading = true;
  const answer = await crm.ask(link.querySelector("a").dataset.newer);
  loading = false;
  if (!answer.ok || !link.isConnected) return;
  await keepingPlace(() => {
    const nodes = [...crm.parse(answer.text).children].filter((node) => !document.getElementById(node.id) || node.id === "newer");
    link.replaceWith(...nodes);
    arrange();
  });
  observe();
  count(unseen);
}

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
  const links = [document.getElementById("older"), document.getElementById("newer")].filter(Boolean);
  if (!links.length) return;
  const seen = (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => (entry.target.id === "older" ? older() : newer()));
  sight = new IntersectionObserver(seen, { root: scroll(), rootMargin: "800px 0px" });
  links.forEach((link) => sight.observe(link));
}

// -- Hands ---------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const target = event.target.closest("#thread-newer, a[data-older], a[data-newer], a[data-jump], .message");
  if (!target || !list()) return;
  if (target.id === "thread-newer") toBottom();
  else if (target.dataset.older !== undefined) older();
  else if (target.dataset.newer !== undefined) newer();
  else if (target.matches("[data-jump]")) goTo(target.hash.slice("#message-".length));
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
  const target = document.getElementById(thread().dataset.target ?? "");
  if (target) return flash(target);
  if (line && line.getBoundingClientRect().top < scroll().getBoundingClientRect().top) line.scrollIntoView({ block: "start" });
  count(0);
}

crm.thread = { place, toBottom, goTo, renew, arrange, list, keepingPlace };

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

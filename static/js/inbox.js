// The list, and which conversation stands beside it. Fetches the list anew when something changed, at most once a second;
// rows never move under somebody who has scrolled: what is new waits behind a button. Opens conversations in place and
// keeps the address, so that Back, reload and a shared link find the same. Tells `inbox:opened` and `inbox:leaving`.

const crm = window.crm;
const root = crm.inbox;
const home = root.dataset.home;
const ID = /^[0-9a-f-]{36}$/;

const list = () => document.getElementById("inbox-list");
const rows = () => document.getElementById("inbox-rows");
const scroller = () => document.getElementById("inbox-scroll");
const waiting = () => document.getElementById("inbox-waiting");
const thread = () => document.getElementById("thread");

crm.opened = () => thread()?.dataset.conversation ?? null;

// -- The list ------------------------------------------------------------------------------------------------

const query = () => new URLSearchParams(list().dataset.query);

function newest() {
  return [...rows().querySelectorAll(".row")].map((row) => row.dataset.at).reduce((a, b) => (a > b ? a : b), "");
}

// A list that could not be fetched is fetched when the server answers again, also when nothing else changes meanwhile.
let stale = false;
document.addEventListener("live:pulse", () => stale && refreshSoon());
// What somebody has open in the list is not drawn anew under their hands: list.js asks again when it is closed.
const isHeld = () => Boolean(list().querySelector("details[open]"));

const refresh = crm.serial(async () => {
  if (isHeld()) return;
  const asked = String(query());
  const answer = await crm.ask(`${root.dataset.list}?${asked}`);
  stale = !answer.ok && answer.status !== 404;
  if (!answer.ok || asked !== String(query()) || isHeld()) return;
  const fresh = crm.parse(answer.text).querySelector("#inbox-list");
  if (!fresh) return;
  if (scroller().scrollTop < 8) await show(answer.text);
  else await hold(fresh);
});

async function show(html) {
  await crm.swap(list(), html, "outerMorph");
  dress();
}

// The reader is further down: counts and the rows that stay where they are may change, the order may not.
async function hold(fresh) {
  await crm.swap(document.getElementById("inbox-tabs"), fresh.querySelector("#inbox-tabs").outerHTML);
  const byActivity = fresh.dataset.sort === "activity";
  const mark = newest();
  let count = 0;
  for (const row of fresh.querySelectorAll(".row")) {
    const here = document.getElementById(row.id);
    if (byActivity ? row.dataset.at > mark : !here) count += 1;
    else if (here && (!byActivity || here.dataset.at === row.dataset.at)) await crm.swap(here, row.outerHTML);
  }
  const button = waiting();
  button.hidden = count === 0;
  button.querySelector("span").textContent = count === 1 ? button.dataset.one : button.dataset.many.replace("{n}", count);
  dress();
}

// What the server does not say of a row: which one is open here, and which has an unsent draft (drafts.js).
function dress() {
  const open = crm.opened();
  rows().querySelectorAll(".row-link").forEach((link) => {
    const id = link.dataset.conversation;
    if (id === open) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
  crm.drafts?.dress();
  crm.tell("inbox:listed");
}

const refreshSoon = crm.throttle(refresh, 1000);
crm.refreshList = refreshSoon;

async function choose(url) {
  const asked = new URL(url, location.href).searchParams;
  const answer = await crm.ask(`${root.dataset.list}?${asked}`);
  if (!answer.ok) return crm.problem(answer);
  const words = list().contains(document.activeElement) ? document.activeElement.textContent : null;
  await crm.swap(list(), answer.text, "outerHTML");
  if (words !== null) refocus(words);
  dress();
  crm.tell("inbox:chosen");
  const here = new URL(location.href);
  here.search = asked;
  history.replaceState(history.state, "", here);
}

// The hand that chose by keyboard stays where it was: on the same words, or on the tab.
function refocus(words) {
  const links = [...list().querySelectorAll("#inbox-tabs :is(a, summary)")];
  (links.find((link) => link.offsetParent && link.textContent === words) ?? links.find((link) => link.matches(".tab[aria-current]")))?.focus();
}

crm.choose = choose;

// -- What stands beside it -----------------------------------------------------------------------------------

// The address is kept here alone: htmx would fetch the whole page for every step back.
window.htmx.config.history = false;
document.addEventListener("htmx:before:history:restore", (event) => event.preventDefault());

let asking = 0;

async function open(id, { address, push = true, message } = {}) {
  if (id === crm.opened()) return stay(address, push, message);
  const turn = ++asking;
  crm.tell("inbox:leaving");
  root.classList.add("is-loading");
  mark(id);
  const [body, side] = await Promise.all([crm.ask(`${home}/${id}/thread${message ? `?message=${message}` : ""}`), crm.ask(`${home}/${id}/customer`)]);
  if (turn !== asking) return;
  root.classList.remove("is-loading");
  if (!body.ok || !side.ok) {
    dress();
    return body.status === 404 ? refreshSoon() : crm.problem(body.ok ? side : body);
  }
  await crm.swap(thread(), body.text, "outerHTML");
  await crm.swap(document.getElementById("cliente"), side.text, "outerHTML");
  if (push) history.pushState({ inbox: true, fromList: true }, "", address ?? `${home}/${id}?${query()}`);
  arrived();
}

// The conversation is open already: at most another message of it is meant.
function stay(address, push, message) {
  showThread(true);
  if (!message) return;
  if (push) history.pushState({ inbox: true, fromList: true }, "", address ?? location.href);
  crm.thread.goTo(message);
}

function mark(id) {
  rows().querySelectorAll("[aria-current]").forEach((link) => link.removeAttribute("aria-current"));
  const row = document.getElementById(`row-${id}`);
  row?.querySelector(".row-link").setAttribute("aria-current", "page");
  row?.classList.remove("is-unread");
  row?.querySelector(".row-marks .pill")?.remove();
}

function arrived() {
  showThread(true);
  document.title = `${thread().dataset.customer} · ${root.dataset.title}`;
  dress();
  crm.tell("inbox:opened", { id: crm.opened() });
}

function showThread(there) {
  root.classList.toggle("is-open", there);
}

function showNothing() {
  crm.tell("inbox:leaving");
  asking += 1;
  crm.swap(thread(), document.getElementById("nothing-open").innerHTML, "outerHTML");
  const side = document.getElementById("cliente");
  side.replaceChildren();
  side.removeAttribute("data-conversation");
  side.hidden = true;
  showThread(false);
  document.title = root.dataset.title;
  dress();
  crm.tell("inbox:opened", { id: null });
}

crm.closeThread = showNothing;

function back() {
  const focus = crm.opened();
  if (history.state?.fromList) history.back();
  else {
    history.pushState({ inbox: true }, "", `${home}?${query()}`);
    showNothing();
  }
  requestAnimationFrame(() => document.querySelector(`#row-${CSS.escape(focus ?? "")} .row-link`)?.focus());
}
crm.back = back;
crm.open = open;

addEventListener("popstate", () => {
  const id = location.pathname.slice(home.length + 1);
  if (ID.test(id)) {
    open(id, { push: false, message: new URLSearchParams(location.search).get("message") });
  } else if (location.pathname === home && crm.opened()) showNothing();
});

// -- Hands ---------------------------------------------------------------------------------------------------

const plain = (event) => event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || !plain(event)) return;
  const link = event.target.closest("a[data-conversation], a[data-list-link], a[data-back], [data-fold], #inbox-waiting, a.customer-back");
  if (!link) return;
  if (link.matches(".customer-back") && !cameFromThread) return;
  event.preventDefault();
  if (link.dataset.conversation) open(link.dataset.conversation, { address: link.href, message: link.dataset.message });
  else if (link.matches("[data-list-link]")) choose(link.href);
  else if (link.matches("[data-back]")) back();
  else if (link.matches("[data-fold]")) fold();
  else if (link.id === "inbox-waiting") rise();
  else history.back();
});

async function rise() {
  waiting().hidden = true;
  scroller().scrollTop = 0;
  await refresh();
}

document.addEventListener("scroll", (event) => {
  if (event.target.id === "inbox-scroll" && event.target.scrollTop < 8 && !waiting().hidden) rise();
}, true);

// The way back from the customer's screen on a telephone is one step back, when it was reached from the thread.
let cameFromThread = false;
addEventListener("hashchange", () => {
  cameFromThread = location.hash === "#cliente";
});

// The customer's pane: folded stays folded on a desk; where there is no room it is only ever opened for now.
const narrow = matchMedia("(max-width: 1199px)");

function fold() {
  const shown = getComputedStyle(document.getElementById("cliente")).display !== "none";
  root.dataset.pane = shown ? "closed" : "open";
  if (!narrow.matches) crm.keep("pane", root.dataset.pane);
}

function unfoldAsLast() {
  root.dataset.pane = narrow.matches ? "" : (crm.kept("pane") ?? "");
}
narrow.addEventListener("change", unfoldAsLast);
unfoldAsLast();

// -- News ----------------------------------------------------------------------------------------------------

document.addEventListener("live:inbox", refreshSoon);
document.addEventListener("live:connected", refreshSoon);
document.addEventListener("htmx:after:swap", (event) => {
  if (event.target.closest?.("#inbox-list") || document.querySelector("#inbox-rows .row-link:not([aria-current])")) dress();
});
if (!history.state) history.replaceState({ inbox: true }, "");
dress();

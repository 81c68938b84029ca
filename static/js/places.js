// Messages in their places: by time, each once, days and runs of one author kept right whatever comes in whatever order,
// and the reader kept where they are. thread.js says when; the server's fragment says what.

const crm = window.crm;
const RUN = 600_000;
const AT_BOTTOM = 48;

const scroll = () => document.getElementById("thread-scroll");
const list = () => document.getElementById("messages");

// -- Days and runs -------------------------------------------------------------------------------------------

const timeOf = (message) => Date.parse(message.dataset.order?.split("|")[0] ?? "");

function arrange() {
  let before = null;
  let day = null;
  for (const element of [...list().children]) {
    if (element.matches(".day")) {
      element.remove();
    } else if (element.matches(".unread-line")) {
      before = null;
    } else if (element.matches(".message")) {
      if (element.dataset.day && element.dataset.day !== day) {
        day = element.dataset.day;
        before = null;
        dayLine(day, element);
      }
      element.classList.toggle("is-joined", continues(before, element));
      before = element;
    }
  }
}

// A day begins above the line of what is unread, when both stand before the same message.
function dayLine(day, message) {
  const line = document.getElementById("day-line").content.firstElementChild.cloneNode(true);
  line.dataset.day = day;
  line.firstElementChild.textContent = day;
  const above = message.previousElementSibling;
  (above?.matches(".unread-line") ? above : message).before(line);
}

function continues(before, message) {
  if (!before || before.dataset.kind === "system" || message.dataset.kind === "system") return false;
  if (before.dataset.run !== message.dataset.run) return false;
  const apart = timeOf(message) - timeOf(before);
  return Number.isNaN(apart) || apart < RUN;
}

// -- Putting messages in their places ------------------------------------------------------------------------

// What the fragment brought: fresh ones that were not here before, and all of them. Older pages stay unloaded.
async function place(html) {
  if (!list()) return { fresh: [], all: [] };
  const all = [...crm.parse(html).querySelectorAll("li.message")].map((node) => document.importNode(node, true));
  const fresh = [];
  await keepingPlace(async () => {
    for (const node of all) {
      if ("gone" in node.dataset) takeOut(node);
      else if (await placeOne(node)) fresh.push(node);
    }
    arrange();
  });
  return { fresh, all };
}

// Taken back before it left: it is nowhere any more.
function takeOut(node) {
  document.getElementById(node.id)?.remove();
  if (node.dataset.client) document.getElementById(`pending-${node.dataset.client}`)?.remove();
}

async function placeOne(node) {
  const here = document.getElementById(node.id);
  if (here) {
    if (Number(here.dataset.version) <= Number(node.dataset.version)) await crm.swap(here, node.outerHTML);
    document.getElementById(`pending-${node.dataset.client}`)?.remove();
    return false;
  }
  const pending = node.dataset.client && document.getElementById(`pending-${node.dataset.client}`);
  if (!pending && (isOlderThanPage(node) || isNewerThanPage(node))) return false;
  pending?.remove();
  insert(node);
  if (!pending) node.classList.add("arrive");
  crm.tell("thread:settled", { client: node.dataset.client });
  return !pending;
}

const known = () => [...list().querySelectorAll(".message[data-order]")];

function isOlderThanPage(node) {
  const first = known()[0];
  return Boolean(document.getElementById("older") && first && node.dataset.order < first.dataset.order);
}

function isNewerThanPage(node) {
  const last = known().at(-1);
  return Boolean(hasGap() && last && node.dataset.order > last.dataset.order);
}

function insert(node) {
  const before = known().findLast((message) => message.dataset.order < node.dataset.order);
  if (before) before.after(node);
  else {
    const first = [...list().children].find((element) => !element.matches(".older, .day"));
    if (first) first.before(node);
    else list().append(node);
  }
}

// -- Keeping the reader where they are -----------------------------------------------------------------------

// The list is laid out from its end (column-reverse): scrollTop is 0 at the bottom and negative above it.
// Loaded around a message from long ago, the page ends before the newest: below it is a gap, not the bottom.
const hasGap = () => Boolean(document.getElementById("newer"));
const fromBottom = () => Math.abs(scroll().scrollTop);

// One change at a time: whoever scrolls on purpose waits for `settled`, or a change under way would scroll them back.
let settled = Promise.resolve();

function keepingPlace(change) {
  const kept = settled.then(() => keepPlace(change));
  settled = kept.catch(() => {});
  return kept;
}

async function keepPlace(change) {
  const box = scroll();
  const follows = isAtBottom();
  const top = box.getBoundingClientRect().top;
  const anchor = follows ? null : [...list().children].find((element) => element.getBoundingClientRect().bottom > top);
  const was = anchor?.getBoundingClientRect().top;
  await change();
  if (follows) box.scrollTop = 0;
  else if (anchor?.isConnected) box.scrollTop += anchor.getBoundingClientRect().top - was;
}

const isAtBottom = () => !hasGap() && fromBottom() < AT_BOTTOM;

crm.places = { arrange, place, keepingPlace, settled: () => settled, fromBottom, hasGap, isAtBottom };

// Who else is in this conversation, and who is writing. The socket says that something changed; names and faces come
// from the permitted route. Says itself that it is here, and that it writes, for as long as it does.

const crm = window.crm;
const HERE_EVERY = 20_000;
const WRITE_EVERY = 3000;
const WRITES = 8000;
const LOOK_AGAIN = 45_000;
const GONE_SOON = 5000;
const MARKED = 30_000;

const region = (name) => document.getElementById(name);
const field = () => document.getElementById("composer-body");
const say = (event, data) => crm.live.socket.connected && crm.live.socket.emit(event, data);

// -- The others ----------------------------------------------------------------------------------------------

let again = null;

const look = crm.serial(async () => {
  clearTimeout(again);
  const id = crm.opened();
  if (!id || crm.live.ended) return;
  const answer = await crm.ask(`${crm.inbox.dataset.home}/${id}/company`);
  if (id !== crm.opened() || !answer.ok) return;
  const fresh = crm.parse(answer.text);
  for (const name of ["viewers", "writers"]) show(region(name), fresh.querySelector(`#${name}`));
  const wait = region("writers")?.childElementCount ? WRITES : region("viewers")?.childElementCount ? LOOK_AGAIN : 0;
  if (wait) again = setTimeout(look, wait);
});
const lookSoon = crm.throttle(look, 500);

// The same words twice would be read aloud twice.
function show(here, fresh) {
  if (here && fresh && here.innerHTML.trim() !== fresh.innerHTML.trim()) {
    here.replaceChildren(...[...fresh.children].map((node) => document.importNode(node, true)));
  }
}

document.addEventListener("live:company", (event) => event.detail.id === crm.opened() && lookSoon());
document.addEventListener("live:connected", lookSoon);
document.addEventListener("inbox:opened", lookSoon);

// -- In the list ---------------------------------------------------------------------------------------------

const marks = new Map();

document.addEventListener("live:writing", ({ detail: { id, by, ends } }) => {
  if (by === crm.me) return;
  clearTimeout(marks.get(id));
  if (ends) return unmark(id);
  marks.set(id, setTimeout(() => unmark(id), MARKED));
  mark(id);
});

function mark(id) {
  const preview = document.querySelector(`#row-${CSS.escape(id)} .row-preview`);
  if (preview && !preview.querySelector(".row-writing")) preview.append(document.getElementById("row-writing").content.cloneNode(true));
}
// A list that was drawn anew meanwhile has forgotten it.
document.addEventListener("htmx:after:swap", () => [...marks.keys()].forEach(mark));

function unmark(id) {
  marks.delete(id);
  document.querySelector(`#row-${CSS.escape(id)} .row-writing`)?.remove();
}

// -- Oneself -------------------------------------------------------------------------------------------------

let said = 0;
let stopTimer = null;

const kind = () => document.querySelector("#composer [name='kind']:checked")?.value ?? "reply";

function write() {
  clearTimeout(stopTimer);
  if (!field()?.value.trim()) return stop();
  stopTimer = setTimeout(stop, GONE_SOON);
  if (Date.now() - said < WRITE_EVERY) return;
  said = Date.now();
  say("writing", kind());
}

function stop() {
  clearTimeout(stopTimer);
  if (said) say("writing", "");
  said = 0;
}

document.addEventListener("input", (event) => event.target.id === "composer-body" && write());
document.addEventListener("change", (event) => {
  if (!event.target.matches("#composer [name='kind']")) return;
  stop();
  write();
});
// What was sent leaves the field empty without an input event.
const sent = () => requestAnimationFrame(() => field()?.value.trim() || stop());
document.addEventListener("submit", sent);
document.addEventListener("keydown", (event) => event.target.id === "composer-body" && event.key === "Enter" && sent());
document.addEventListener("inbox:leaving", stop);

setInterval(() => crm.opened() && say("here"), HERE_EVERY);

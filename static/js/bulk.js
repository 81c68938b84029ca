// Selecting conversations of the list and acting on all of them. A row is chosen by its box, by x (keys.js clicks the box),
// with Shift up to the last one chosen, on a telephone by a long press. What is chosen survives every redrawing of the list.
// The bar is fetched once, with the first choice; what goes on longer than a request is watched until it is over.

const crm = window.crm;
const home = document.getElementById("bulk");
const LONG_PRESS = 500;
const LOOK_EVERY = 1500;

const chosen = new Set();
let everything = false;
let last = null;

const boxes = () => [...document.querySelectorAll("#inbox-rows .row-check input")];
const bar = () => document.getElementById("bulk-bar");
const list = () => document.getElementById("inbox-list");

// -- Choosing ------------------------------------------------------------------------------------------------

function set(id, on) {
  if (on) chosen.add(id);
  else chosen.delete(id);
}

function toggle(box, range) {
  const all = boxes();
  const from = all.findIndex((one) => one.value === last);
  const to = all.indexOf(box);
  const reached = range && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
  reached.forEach((one) => set(one.value, box.checked));
  if (!box.checked) everything = false;
  last = box.value;
  draw();
}

function clear() {
  chosen.clear();
  everything = false;
  last = null;
  draw();
}

function draw() {
  for (const box of boxes()) {
    box.checked = everything || chosen.has(box.value);
    box.closest(".row").classList.toggle("is-chosen", box.checked);
  }
  list().classList.toggle("is-choosing", everything || chosen.size > 0);
  drawBar();
}

async function drawBar() {
  const any = everything || chosen.size > 0;
  if (any && !bar()) await fetchBar();
  const here = bar();
  if (!here) return;
  here.hidden = !any;
  document.body.classList.toggle("has-selection", any);
  const total = document.querySelector("#inbox-tabs .tab[aria-current] .pill")?.textContent ?? "";
  const words = here.dataset;
  here.querySelector(".bulk-count").textContent = everything
    ? words.all.replace("{n}", total)
    : chosen.size === 1 ? words.one : words.many.replace("{n}", chosen.size);
  const all = here.querySelector("[data-bulk-all]");
  all.hidden = everything || String(chosen.size) === total;
  all.textContent = all.dataset.words.replace("{n}", total);
}

let fetching = null;

function fetchBar() {
  fetching ??= crm.ask(home.dataset.bar).then(async (answer) => {
    if (answer.ok && !bar()) await crm.swap(home, answer.text, "afterbegin");
    else if (!answer.ok) crm.problem(answer);
    fetching = null;
  });
  return fetching;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest(".row-check input");
  if (box) toggle(box, event.shiftKey);
  else if (event.target.closest("[data-bulk-clear]")) clear();
  else if (event.target.closest("[data-bulk-all]")) {
    everything = true;
    draw();
  } else stop(event.target.closest("[data-bulk-stop]"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !(everything || chosen.size) || document.querySelector("dialog[open], details[open]")) return;
  if (event.target.matches("textarea, input:not([type='checkbox'])")) return;
  event.preventDefault();
  clear();
}, true);

document.addEventListener("inbox:listed", draw);
document.addEventListener("inbox:chosen", clear);

// A finger that stays chooses; while something is chosen, a tap does.
let press = null;
let pressed = false;

document.addEventListener("pointerdown", (event) => {
  pressed = false;
  const row = event.pointerType === "touch" && event.target.closest("#inbox-rows .row");
  if (!row) return;
  press = setTimeout(() => {
    pressed = true;
    row.querySelector(".row-check input").click();
  }, LONG_PRESS);
});
for (const name of ["pointerup", "pointercancel", "pointermove"]) {
  document.addEventListener(name, (event) => {
    if (name !== "pointermove" || Math.abs(event.movementX) + Math.abs(event.movementY) > 4) clearTimeout(press);
  });
}
document.addEventListener("contextmenu", (event) => pressed && event.preventDefault());
document.addEventListener("click", (event) => {
  const link = event.target.closest("#inbox-rows .row-link");
  if (!link || event.pointerType !== "touch" || !(pressed || chosen.size || everything)) return;
  event.preventDefault();
  event.stopPropagation();
  if (!pressed) link.closest(".row").querySelector(".row-check input").click();
  pressed = false;
}, true);

// -- Acting --------------------------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  if (event.target.id !== "bulk-bar") return;
  event.preventDefault();
  send(event.target, event.submitter);
});

async function send(form, button) {
  const body = new FormData(form);
  body.set("order", button.value);
  body.set("query", list().dataset.query);
  if (everything) body.set("everything", "1");
  else body.set("ids", [...chosen].join(","));
  form.inert = true;
  const answer = await crm.ask(form.action, { method: "POST", body });
  form.inert = false;
  if (!answer.ok) return crm.problem(answer);
  form.querySelectorAll("details[open]").forEach((menu) => { menu.open = false; });
  form.reset();
  clear();
  if (answer.status === 202) follow(answer.text);
  else say(crm.parse(answer.text));
  crm.refreshList();
}

function say(fragment) {
  const done = fragment.querySelector("[data-sentence]");
  const before = fragment.querySelector("#bulk-job > p:not([data-sentence])")?.textContent ?? "";
  if (done) crm.toast(`${before} ${done.textContent}`.trim(), done.dataset.kind);
}

// -- Watching ------------------------------------------------------------------------------------------------

const job = () => document.getElementById("bulk-job");
let timer = null;

async function follow(html) {
  const fresh = crm.parse(html).querySelector("#bulk-job");
  clearTimeout(timer);
  if (!fresh) return;
  if (fresh.dataset.state !== "running") return end(fresh);
  crm.keep("bulk", fresh.dataset.url);
  if (job()) await crm.swap(job(), fresh.outerHTML, "outerMorph");
  else await crm.swap(home, fresh.outerHTML, "beforeend");
  timer = setTimeout(look, LOOK_EVERY);
}

function end(fresh) {
  crm.keep("bulk", null);
  job()?.remove();
  say({ querySelector: (selector) => (fresh.parentElement ?? fresh).querySelector(selector) });
  crm.refreshList();
}

const look = crm.serial(async () => {
  const url = crm.kept("bulk");
  if (!url) return;
  const answer = await crm.ask(url);
  if (answer.ok) return follow(answer.text);
  if (answer.status !== 404) {
    clearTimeout(timer);
    timer = setTimeout(look, LOOK_EVERY);
    return;
  }
  crm.keep("bulk", null);
  if (job()) crm.toast(home.dataset.lost);
  job()?.remove();
});

async function stop(button) {
  if (!button) return;
  button.disabled = true;
  const answer = await crm.ask(button.dataset.bulkStop, { method: "POST" });
  if (answer.ok) follow(answer.text);
  else crm.problem(answer);
}

crm.live.socket.on("bulk", look);
look();

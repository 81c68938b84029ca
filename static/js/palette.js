// Everything by name, on every page: what can be done with the open conversation, pages, and conversations, which the
// server finds among those this person may see. Recent ones are kept as ids in this browser, per person.

const crm = (window.crm ??= {});
const dialog = document.getElementById("palette");
const input = document.getElementById("palette-input");
const list = document.getElementById("palette-list");
const nothing = document.getElementById("palette-empty");
const RECENT = `crm:${dialog.dataset.user}:recent`;
const MOST_RECENT = 6;
const PAUSE = 120;

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
const options = () => [...list.querySelectorAll("[role='option']:not([hidden])")];
const chosen = () => list.querySelector("[aria-selected='true']");

// -- Recent --------------------------------------------------------------------------------------------------

function recent() {
  try {
    return JSON.parse(localStorage.getItem(RECENT)) ?? [];
  } catch {
    return [];
  }
}

function remember(id) {
  try {
    localStorage.setItem(RECENT, JSON.stringify([id, ...recent().filter((one) => one !== id)].slice(0, MOST_RECENT)));
  } catch {
    // Full or forbidden: nothing is remembered.
  }
}

document.addEventListener("inbox:opened", (event) => event.detail.id && remember(event.detail.id));
if (crm.opened?.()) remember(crm.opened());

// -- What there is -------------------------------------------------------------------------------------------

function actions() {
  const group = document.getElementById("palette-actions");
  group.querySelectorAll("[role='option']").forEach((option) => option.remove());
  if (!crm.opened?.()) return;
  document.querySelectorAll("#keys [data-does]").forEach((entry) => {
    if (OF_THE_CONVERSATION.includes(entry.dataset.does) && crm.keys.can(entry.dataset.does)) group.append(actionOf(entry));
  });
}
const OF_THE_CONVERSATION = ["reply", "note", "mine", "assign", "snooze", "tags", "priority", "close", "closeNext", "unread"];

function actionOf(entry) {
  const option = document.getElementById("palette-action").content.firstElementChild.cloneNode(true);
  option.id = `palette-do-${entry.dataset.does}`;
  option.dataset.does = entry.dataset.does;
  option.querySelector("span").textContent = entry.querySelector("dd").textContent;
  option.querySelector("kbd").textContent = [...entry.querySelectorAll("kbd")].map((key) => key.textContent).join(" ");
  return option;
}

// What the server found for fewer letters is sifted too, until its answer to these comes: Enter must not open the wrong one.
function filter() {
  const words = plain(input.value);
  list.querySelectorAll("[role='option']").forEach((option) => {
    option.hidden = !plain(option.textContent).includes(words);
  });
  settle();
}

// Groups without anything are not there; the first option is chosen; an empty list says so.
function settle() {
  list.querySelectorAll(".palette-group").forEach((group) => {
    group.hidden = !group.querySelector("[role='option']:not([hidden])");
  });
  const none = options().length === 0;
  list.hidden = none;
  nothing.hidden = !none || searching;
  input.setAttribute("aria-expanded", String(!none));
  if (!chosen() || chosen().hidden) choose(options()[0]);
}

// -- What the server finds -----------------------------------------------------------------------------------

let timer = null;
let searching = false;
let asking = 0;

// Only the latest question is answered: one from before the palette was last opened may come back after it.
async function find() {
  if (!dialog.dataset.search) return;
  const turn = ++asking;
  const words = input.value.trim();
  const asked = words ? new URLSearchParams({ q: words }) : new URLSearchParams({ recent: recent().join(",") });
  let html = "";
  try {
    const answer = await fetch(`${dialog.dataset.search}?${asked}`, { headers: { "X-Requested-With": "fetch" } });
    if (answer.ok) html = await answer.text();
  } catch {
    // No line: pages and actions are still there.
  }
  if (turn !== asking || words !== input.value.trim()) return;
  searching = false;
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("palette-found");
  const here = document.getElementById("palette-found");
  here.setAttribute("aria-label", fresh?.getAttribute("aria-label") ?? "");
  here.replaceChildren(...[...(fresh?.children ?? [])].map((node) => document.importNode(node, true)));
  settle();
}

input.addEventListener("input", () => {
  searching = Boolean(dialog.dataset.search);
  choose(null);
  filter();
  clearTimeout(timer);
  timer = setTimeout(find, PAUSE);
});

// -- Choosing ------------------------------------------------------------------------------------------------

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  if (!option) return input.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", option.id);
}

function step(by) {
  const all = options();
  if (all.length) choose(all.at((all.indexOf(chosen()) + by) % all.length));
}

function run(option) {
  if (!option) return;
  const { does, href, found } = option.dataset;
  dialog.close();
  if (does) requestAnimationFrame(() => crm.keys.run(does));
  else if (found && crm.open) crm.open(found);
  else location.assign(href);
}

dialog.addEventListener("keydown", (event) => {
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.isComposing || !(event.key in moves || event.key === "Enter") || event.target !== input) return;
  event.preventDefault();
  if (event.key === "Enter") run(chosen());
  else step(moves[event.key]);
});
list.addEventListener("click", (event) => run(event.target.closest("[role='option']")));
list.addEventListener("pointermove", (event) => {
  const option = event.target.closest("[role='option']");
  if (option && option !== chosen()) choose(option);
});

dialog.addEventListener("close", () => input.blur());

function open() {
  if (dialog.open) return dialog.close();
  document.querySelectorAll("dialog[open]").forEach((other) => other.close());
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => (menu.open = false));
  input.value = "";
  clearTimeout(timer);
  if (crm.opened?.()) remember(crm.opened());
  choose(null);
  actions();
  dialog.showModal();
  filter();
  find();
  input.focus();
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-palette]")) return;
  event.preventDefault();
  open();
});

crm.palette = { open };

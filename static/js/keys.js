// The keyboard, for hands that are not in a field. Which key does what stands in the sheet (templates/components/keys.html)
// and is read from there; here is how it is done. Single keys and pairs only: Alt and AltGr write letters on our
// keyboards. Menus of the open conversation are found by [data-key-menu].

const crm = (window.crm ??= {});
const sheet = document.getElementById("keys");
const PAIR_WITHIN = 1500;
const REPEATING = ["next", "previous"];
const FIELDS = "input:not([type='checkbox'], [type='radio'], [type='button']), textarea, select, [contenteditable]";

const find = (selector) => document.querySelector(selector);
// A dialog that has just closed may keep the focus until the next frame.
const isField = (element) => !element.closest?.("dialog:not([open])") && element.closest?.(`${FIELDS}, dialog[open], details[data-menu][open]`);
const opened = () => crm.opened?.() ?? null;

// -- The list ------------------------------------------------------------------------------------------------

const links = () => [...document.querySelectorAll("#inbox-rows .row-link")];

function here() {
  const focused = document.activeElement?.closest?.("#inbox-rows .row")?.querySelector(".row-link");
  return focused ?? find("#inbox-rows .row-link[aria-current]");
}

function walk(step) {
  const all = links();
  const from = here();
  const next = from ? all[all.indexOf(from) + step] : all[0];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function openHere() {
  if (document.activeElement?.matches?.("a, button, summary, [role='button']")) return false;
  (here() ?? links()[0])?.click();
  return true;
}

// -- The open conversation -----------------------------------------------------------------------------------

const tabOf = (kind) => find(`#composer [name="kind"][value="${kind}"]`);

function write(kind) {
  const tab = tabOf(kind);
  if (!tab) return;
  tab.checked = true;
  tab.dispatchEvent(new Event("change", { bubbles: true }));
  find("#composer textarea")?.focus();
}

const menu = (name) => find(`#thread [data-key-menu="${name}"]`);

function openMenu(name) {
  const opener = menu(name);
  if (!opener) return;
  const details = opener.closest("details");
  if (!details) return opener.click();
  details.open = true;
  const first = opener.matches("summary") ? details.querySelector(".menu-list .menu-item") : opener.querySelector("button");
  requestAnimationFrame(() => (first ?? opener).focus());
}

const mine = () => menu("assign")?.closest("details")?.querySelector(`button[name="user_id"][value="${CSS.escape(crm.me)}"]`);

// The next one is opened once this one is closed, and not when the menu is left without closing it.
let closing = null;

function closeNext() {
  const rows = links();
  const from = find("#inbox-rows .row-link[aria-current]");
  closing = { id: opened(), next: (rows[rows.indexOf(from) + 1] ?? rows[rows.indexOf(from) - 1])?.dataset.conversation };
  openMenu("close");
}

document.addEventListener("htmx:after:swap", () => {
  const head = find("#thread-head");
  if (!closing || head?.dataset.conversation !== closing.id || head.dataset.isOpen === "true") return;
  const { next } = closing;
  closing = null;
  if (next) crm.open(next);
});
document.addEventListener("toggle", (event) => {
  const left = event.target.querySelector?.("[data-key-menu='close']") && !event.target.open;
  if (left && !event.target.querySelector(".htmx-request, form.htmx-request")) setTimeout(() => (closing = null), 3000);
}, true);

async function unread() {
  const id = opened();
  const answer = await crm.ask(`${crm.inbox.dataset.home}/${id}/unread`, { method: "POST" });
  if (!answer.ok) return crm.problem(answer);
  crm.toast(sheet.dataset.unreadSaid, "info");
  crm.refreshList();
}

// -- Everywhere ----------------------------------------------------------------------------------------------

function search() {
  if (crm.search) return crm.search.open();
  const field = find("[data-key-search], main [type='search']");
  if (field?.offsetParent) field.focus();
  else crm.palette.open();
}

// Out of the field first, then out of the customer's pane, then back to the list.
function back(event) {
  if (find("dialog[open], details[data-menu][open]") || !crm.inbox) return false;
  const narrow = matchMedia("(max-width: 1199px)").matches;
  if (event?.target.matches("#composer textarea")) find("#thread-scroll")?.focus();
  else if (location.hash === "#cliente") history.back();
  else if (crm.inbox.dataset.pane === "open" && narrow) crm.inbox.dataset.pane = "closed";
  else if (event && event.target.closest?.(FIELDS)) event.target.blur();
  else if (opened()) toList();
  return true;
}

function toList() {
  if (matchMedia("(max-width: 720px)").matches) crm.back();
  else find("#inbox-rows .row-link[aria-current]")?.focus();
}

function toTags() {
  const field = find("#tag-add");
  if (!field.offsetParent) crm.inbox.dataset.pane = "open";
  field.focus();
}

const tab = (number) => document.querySelectorAll("#inbox-tabs .tab")[number - 1];

// What can be done, and whether it can be now: by the name the sheet calls it.
const ACTIONS = {
  palette: { run: () => crm.palette.open(), can: () => true },
  search: { run: search, can: () => true },
  sheet: { run: () => sheet.showModal(), can: () => true },
  back: { run: back, can: () => true },
  page: { run: (_digit, href) => location.assign(href), can: () => true },
  next: { run: () => walk(1), can: () => links().length > 0 },
  previous: { run: () => walk(-1), can: () => links().length > 0 },
  open: { run: openHere, can: () => links().length > 0 },
  select: { run: () => here()?.closest(".row").querySelector("input[type='checkbox']")?.click(), can: () => Boolean(here()) },
  tab: { run: (digit) => tab(digit)?.click(), can: (digit) => Boolean(tab(digit ?? 1)) },
  reply: { run: () => write("reply"), can: () => Boolean(tabOf("reply")) },
  note: { run: () => write("note"), can: () => Boolean(tabOf("note")) },
  mine: { run: () => mine()?.click(), can: () => Boolean(mine()) },
  assign: { run: () => openMenu("assign"), can: () => Boolean(menu("assign")) },
  snooze: { run: () => openMenu("snooze"), can: () => Boolean(menu("snooze")) },
  tags: { run: toTags, can: () => Boolean(opened() && find("#tag-add")) },
  priority: { run: () => openMenu("priority"), can: () => Boolean(menu("priority")) },
  close: { run: () => openMenu("close"), can: () => Boolean(menu("close")) },
  closeNext: { run: closeNext, can: () => Boolean(menu("close")) },
  unread: { run: unread, can: () => Boolean(opened() && tabOf("reply")) },
  macro: { run: (digit) => crm.macros.run(digit), can: (digit) => Boolean(digit && opened() && menu("more")) },
};

crm.keys = {
  can: (does) => Boolean(ACTIONS[does]?.can()),
  run: (does) => ACTIONS[does].run(),
  names: () => Object.keys(ACTIONS),
};

// -- Which key -----------------------------------------------------------------------------------------------

const BINDINGS = new Map();

function bind(entry) {
  const [first, last = first] = entry.dataset.key.split(" ").at(-1).match(/^\d-\d$/) ? entry.dataset.key.slice(-3).split("-") : [null];
  const { key, does, href } = entry.dataset;
  if (first === null) return BINDINGS.set(key.toLowerCase(), { does, href });
  for (let digit = Number(first); digit <= Number(last); digit += 1) {
    BINDINGS.set((key.slice(0, -3) + digit).toLowerCase(), { does, digit });
  }
}
sheet?.querySelectorAll("[data-key]").forEach(bind);

const isLetter = (key) => key.length === 1 && key.toLowerCase() !== key.toUpperCase();

function nameOf(event) {
  const control = event.ctrlKey || event.metaKey ? "ctrl " : "";
  const shift = event.shiftKey && isLetter(event.key) ? "shift " : "";
  return control + shift + event.key.toLowerCase();
}

let before = "";
let beforeTimer = null;

// The first key of a pair waits for the second; any other key forgets it.
function named(event) {
  const name = nameOf(event);
  const pair = before ? `${before} ${name}` : "";
  before = "";
  clearTimeout(beforeTimer);
  if (pair && BINDINGS.has(pair)) return pair;
  if ([...BINDINGS.keys()].some((key) => key.startsWith(`${name} `)) && !BINDINGS.has(name)) {
    before = name;
    beforeTimer = setTimeout(() => (before = ""), PAIR_WITHIN);
  }
  return name;
}

const always = (name) => name === "ctrl k" || name === "escape";

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || !event.key) return;
  if (event.altKey || event.getModifierState("AltGraph")) return;
  if (isField(event.target) && !always(nameOf(event))) return;
  const binding = BINDINGS.get(named(event));
  const action = binding && ACTIONS[binding.does];
  if (!action || (event.repeat && !REPEATING.includes(binding.does)) || !action.can(binding.digit)) return;
  const done = binding.does === "back" ? back(event) : action.run(binding.digit, binding.href);
  if (done !== false && binding.does !== "back") event.preventDefault();
});

// Emoji: a panel by button with groups, search and the recent ones, walked by arrows; and `:name` while one writes. The server
// sends them once, named in the reader's language; the recent ones are this browser's.

const crm = window.crm;
const RECENT = 16;
const FOUND = 8;

let page = null;
let known = [];

const panel = () => document.getElementById("composer-emoji");
const scroll = () => panel()?.querySelector(".emoji-scroll");
const search = () => panel().querySelector("input");
const opener = () => document.querySelector("[data-emoji-open]");

async function load() {
  if (page) return true;
  const answer = await crm.ask(crm.inbox.dataset.emojis);
  if (!answer.ok) return false;
  page = answer.text;
  known = [...crm.parse(page).querySelectorAll("button")].map((button) => ({
    sign: button.textContent,
    name: button.getAttribute("aria-label"),
    words: crm.caret.fold(`${button.getAttribute("aria-label")} ${button.dataset.words}`),
  }));
  return true;
}

function matching(query) {
  const wanted = crm.caret.fold(query).split(/[\s_]+/).filter(Boolean);
  const starts = (one) => wanted.every((word) => one.words.split(" ").some((part) => part.startsWith(word)));
  return known.filter(starts);
}

function used(sign) {
  crm.keep("emoji", [sign, ...(crm.kept("emoji") ?? []).filter((other) => other !== sign)].slice(0, RECENT));
}

// -- The panel -----------------------------------------------------------------------------------------------

const signs = () => [...scroll().querySelectorAll("button")].filter((button) => button.offsetParent);

function group(label, found) {
  const section = document.createElement("section");
  section.className = "emoji-group";
  section.setAttribute("aria-label", label);
  const grid = document.createElement("div");
  grid.className = "emoji-grid";
  grid.append(...found.map(({ sign, name }) => face(sign, name)));
  const head = document.createElement("h3");
  head.textContent = label;
  section.append(head, grid);
  return section;
}

function face(sign, name) {
  const button = document.createElement("button");
  button.type = "button";
  button.tabIndex = -1;
  button.textContent = sign;
  button.title = name;
  button.setAttribute("aria-label", name);
  return button;
}

function draw(query) {
  if (query) {
    const found = matching(query);
    scroll().replaceChildren(group(found.length ? query : panel().dataset.none, found));
  } else {
    const recent = (crm.kept("emoji") ?? []).map((sign) => known.find((one) => one.sign === sign)).filter(Boolean);
    const groups = [...crm.parse(page).children].map((node) => document.importNode(node, true));
    scroll().replaceChildren(...(recent.length ? [group(panel().dataset.recent, recent)] : []), ...groups);
  }
  const first = scroll().querySelector("button");
  if (first) first.tabIndex = 0;
  scroll().scrollTop = 0;
}

async function open() {
  panel().hidden = false;
  opener().setAttribute("aria-expanded", "true");
  search().value = "";
  search().focus();
  if (!(await load())) return crm.composer.say(crm.inbox.dataset.problem);
  if (panel() && !panel().hidden) draw(search().value.trim());
}

function close({ refocus = true } = {}) {
  if (!panel() || panel().hidden) return;
  panel().hidden = true;
  opener().setAttribute("aria-expanded", "false");
  if (refocus) document.getElementById("composer-body").focus();
}

function take(sign) {
  close();
  used(sign);
  crm.caret.insert(sign);
}

// By rows as they stand: one step is the next sign, up and down is the nearest of the next row.
function walk(button, key) {
  const all = signs();
  const at = all.indexOf(button);
  if (key === "ArrowRight") return all[at + 1];
  if (key === "ArrowLeft") return all[at - 1];
  const here = button.getBoundingClientRect();
  const rows = key === "ArrowDown" ? all.slice(at + 1) : all.slice(0, at).reverse();
  const next = rows.find((other) => Math.abs(other.getBoundingClientRect().top - here.top) > 8);
  if (!next) return key === "ArrowUp" ? search() : null;
  const top = next.getBoundingClientRect().top;
  const row = rows.filter((other) => Math.abs(other.getBoundingClientRect().top - top) < 8);
  const away = (other) => Math.abs(other.getBoundingClientRect().left - here.left);
  return row.reduce((best, other) => (away(other) < away(best) ? other : best));
}

function keys(event) {
  const { target, key } = event;
  const inSearch = target.matches("input");
  if (key === "Escape") close();
  else if (inSearch && (key === "ArrowDown" || key === "Enter")) {
    const first = signs()[0];
    if (key === "Enter") first && take(first.textContent);
    else go(first);
  } else if (!inSearch && key.startsWith("Arrow")) go(walk(target, key));
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function go(next) {
  if (!next) return;
  if (next.matches("button")) {
    scroll().querySelectorAll("[tabindex='0']").forEach((other) => (other.tabIndex = -1));
    next.tabIndex = 0;
  }
  next.focus();
}

document.addEventListener("keydown", (event) => event.target.closest?.("#composer-emoji") && keys(event), true);
document.addEventListener("input", (event) => {
  if (!event.target.closest("#composer-emoji")) return;
  event.stopPropagation();
  if (page) draw(event.target.value.trim());
}, true);
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.matches("[data-emoji-open]")) return panel().hidden ? open() : close();
  if (button && scroll()?.contains(button)) return take(button.textContent);
  if (!event.target.closest("#composer-emoji")) close({ refocus: false });
});
document.addEventListener("inbox:leaving", () => close({ refocus: false }));

// -- While one writes ----------------------------------------------------------------------------------------

crm.suggest.offer(":", {
  when: (query) => /^\p{L}[\p{L}\p{N}_]+$/u.test(query),
  async find(query) {
    if (!(await load())) return [];
    const found = matching(query).slice(0, FOUND);
    if (!found.length) return [];
    const list = document.createElement("div");
    list.className = "suggest-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", panel().getAttribute("aria-label"));
    list.append(...found.map(option));
    return [list];
  },
  take(item, start, end) {
    used(item.dataset.sign);
    crm.caret.insert(item.dataset.sign, start, end);
  },
});

function option({ sign, name }, number) {
  const item = document.createElement("div");
  item.className = "suggest-item";
  item.id = `emoji-found-${number}`;
  item.setAttribute("role", "option");
  item.dataset.sign = sign;
  const drawn = document.createElement("span");
  drawn.className = "suggest-sign";
  drawn.textContent = sign;
  const words = document.createElement("span");
  words.textContent = name;
  item.append(drawn, words);
  return item;
}

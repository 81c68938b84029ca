// Lists that open while one writes: a sign at the start of a word (`/`, `@`, `:`) and what follows narrow them. Arrows walk,
// Enter or Tab takes, Esc closes. Who offers something says which sign, when, what is found and what happens with it.

const crm = window.crm;
const TOKEN = /(?:^|\s)([/@:])([^\s/@:]{0,40})$/u;

const offers = new Map();
let open = null;
let turn = 0;
let dismissed = -1;
let mustTake = false;

const field = () => document.getElementById("composer-body");
const box = () => document.getElementById("composer-suggest");
const items = () => [...(box()?.querySelectorAll("[role='option']") ?? [])];
const chosen = () => box()?.querySelector("[aria-selected='true']");

function token() {
  const area = field();
  if (!area || document.activeElement !== area || area.selectionStart !== area.selectionEnd) return null;
  const match = TOKEN.exec(area.value.slice(0, area.selectionStart));
  if (!match) return null;
  const offer = offers.get(match[1]);
  const query = match[2];
  const start = area.selectionStart - query.length - 1;
  return offer && offer.when(query) ? { offer, query, start, end: area.selectionStart } : null;
}

async function look() {
  const here = token();
  if (!here) {
    dismissed = -1;
    return close();
  }
  if (here.start === dismissed) return;
  const mine = ++turn;
  open = { ...open, ...here, ready: false };
  const found = await here.offer.find(here.query);
  if (mine !== turn || !open) return;
  draw(found);
}

function draw(found) {
  open.ready = true;
  box().replaceChildren(...found);
  const all = items();
  const worth = all.length > 0 || (open.query === "" && found.length > 0);
  box().hidden = !worth;
  field().setAttribute("aria-controls", "composer-suggest");
  choose(all[0]);
  if (!mustTake) return;
  mustTake = false;
  if (all.length) take(all[0]);
}

function choose(item) {
  items().forEach((other) => other.setAttribute("aria-selected", String(other === item)));
  if (item) field().setAttribute("aria-activedescendant", item.id);
  else field()?.removeAttribute("aria-activedescendant");
  item?.scrollIntoView({ block: "nearest" });
}

function close() {
  turn += 1;
  open = null;
  mustTake = false;
  if (!box() || box().hidden) return;
  box().hidden = true;
  box().replaceChildren();
  choose(null);
}

function take(item) {
  const { offer, start, end } = open;
  close();
  offer.take(item, start, end);
}

function step(by) {
  const all = items();
  const at = all.indexOf(chosen());
  choose(all.at((at + by + all.length) % all.length));
}

const isShown = () => Boolean(open && box() && !box().hidden);

const KEYS = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  Enter: () => take(chosen()),
  Tab: () => take(chosen()),
  Escape: () => {
    dismissed = open.start;
    close();
  },
};

// Before anybody else hears of the key: Enter takes from the list, and sends nothing, even when the list is still on its way.
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "composer-body" || !open || event.isComposing || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!open.ready && open.offer.waits && event.key === "Enter") mustTake = true;
  else if (!isShown() || !KEYS[event.key] || (event.key !== "Escape" && !chosen())) return;
  else KEYS[event.key]();
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("input", (event) => event.target.id === "composer-body" && look());
document.addEventListener("selectionchange", () => {
  if (open && document.activeElement === field() && token()?.start !== open.start) close();
});
document.addEventListener("focusout", (event) => event.target.id === "composer-body" && !box()?.contains(event.relatedTarget) && close());
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("#composer-suggest") && !event.target.closest("a")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const item = event.target.closest("#composer-suggest [role='option']");
  if (item && open) take(item);
});
document.addEventListener("inbox:leaving", close);

crm.suggest = {
  offer: (sign, what) => offers.set(sign, what),
  // Write the sign for somebody who would rather press a button.
  begin(sign) {
    const area = field();
    area.focus();
    const before = area.value.slice(0, area.selectionStart);
    dismissed = -1;
    crm.caret.insert(before && !/\s$/.test(before) ? ` ${sign}` : sign);
  },
};

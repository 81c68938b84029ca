// Searching, in the place of the list. "/" (keys.js) or the button opens it, what is typed is looked for after a short rest, arrows
// walk what was found, Enter opens it, Esc leaves. The address says what is asked, so reload, Back and a shared link do.

const crm = window.crm;
const REST = 180;
const LEAST = 2;

const pane = document.getElementById("search");
const form = document.getElementById("search-form");
const field = document.getElementById("inbox-search");
const said = document.getElementById("search-said");
const inside = form.elements.in;
const results = () => document.getElementById("search-found");

const isOpen = () => !pane.hidden;
const words = () => field.value.trim();

// -- What is asked -------------------------------------------------------------------------------------------

function asked() {
  const given = [...new FormData(form)].filter(([name, value]) => value || name === "q");
  return new URLSearchParams(given.map(([name, value]) => [name, name === "q" ? words() : value]));
}

function keepAddress() {
  const here = new URL(location.href);
  const search = asked();
  const message = here.searchParams.get("message");
  if (message) search.set("message", message);
  here.search = search;
  history.replaceState(history.state, "", here);
}

let turn = 0;
let timer = null;
let shown = "";

// Fewer letters than two are none.
function wanted() {
  if (words().length >= LEAST) return String(asked());
  return String(new URLSearchParams({ q: "", ...(inside.value && { in: inside.value }) }));
}

async function look() {
  clearTimeout(timer);
  const mine = ++turn;
  const search = wanted();
  pane.classList.add("is-looking");
  const answer = await crm.ask(`${pane.dataset.url}?${search}`);
  if (mine !== turn || !isOpen()) return;
  pane.classList.remove("is-looking");
  if (!answer.ok) return crm.problem(answer);
  await crm.swap(results(), answer.text);
  shown = search;
  document.getElementById("search-scroll").scrollTop = 0;
  said.textContent = results().dataset.said ?? "";
  markOpen();
}

function lookSoon() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    keepAddress();
    look();
  }, REST);
}

// -- Open and closed -----------------------------------------------------------------------------------------

function show(open) {
  pane.hidden = !open;
  crm.inbox.classList.toggle("is-searching", open);
}

function open({ conversation = "" } = {}) {
  const already = isOpen();
  inside.value = conversation;
  show(true);
  if (!already) {
    field.value = "";
    const here = new URL(location.href);
    here.search = asked();
    history.pushState({ inbox: true, search: true }, "", here);
    look();
  } else if (conversation) look();
  if (matchMedia("(max-width: 720px)").matches) crm.inbox.classList.remove("is-open");
  field.focus();
  field.select();
}

crm.search = { open };

function leave() {
  if (history.state?.search) return history.back();
  const here = new URL(location.href);
  here.search = "";
  history.replaceState(history.state, "", here);
  close();
}

function close() {
  turn += 1;
  clearTimeout(timer);
  show(false);
  said.textContent = "";
  crm.inbox.classList.toggle("is-open", Boolean(crm.opened()));
  const row = document.querySelector("#inbox-rows .row-link[aria-current]") ?? document.querySelector("[data-search-open]");
  row?.focus({ preventScroll: true });
}

// Back and forward: the address says whether, and for what.
addEventListener("popstate", () => {
  const search = new URLSearchParams(location.search);
  if (!search.has("q")) return isOpen() && close();
  show(true);
  const same = search.get("q") === words() && (search.get("in") ?? "") === inside.value;
  field.value = search.get("q");
  inside.value = search.get("in") ?? "";
  if (!same || !results().dataset.said) look();
});

// A conversation was left: what was found stands there again, its address too.
let last = null;

document.addEventListener("inbox:opened", ({ detail }) => {
  if (!isOpen()) return;
  if (detail.id) last = document.activeElement?.closest?.("#search-found .row")?.id ?? last;
  else if (!new URLSearchParams(location.search).has("q")) keepAddress();
  markOpen();
  // After the swap of the thread, which takes the focus from the page.
  if (!detail.id) setTimeout(() => document.getElementById(last ?? "")?.querySelector("a").focus(), 50);
});

function markOpen() {
  const id = crm.opened();
  results().querySelectorAll(".row-link").forEach((link) => {
    const current = link.dataset.message ? location.search.includes(link.dataset.message) : link.dataset.conversation === id && !location.search.includes("message=");
    if (id && current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
}

// -- Hands ---------------------------------------------------------------------------------------------------

field.addEventListener("input", lookSoon);
document.addEventListener("change", (event) => {
  if (event.target.form !== form || event.target === field) return;
  keepAddress();
  look();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  keepAddress();
  look();
});

const plain = (event) => event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || !plain(event)) return;
  const link = event.target.closest("[data-search-open], [data-search-in], [data-search-close], [data-search-everywhere], [data-search-link]");
  if (!link) return;
  event.preventDefault();
  if (link.matches("[data-search-open]")) open();
  else if (link.matches("[data-search-in]")) open({ conversation: link.dataset.searchIn });
  else if (link.matches("[data-search-close]")) leave();
  else widen(link);
});

function widen(link) {
  if (link.matches("[data-search-everywhere]")) inside.value = "";
  else for (const element of form.elements) if (element !== field && element.name) element.value = "";
  keepAddress();
  look();
  field.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (isOpen() && pane.contains(event.target)) inPane(event);
});

function inPane(event) {
  if (event.key === "Escape") leave();
  else if (event.key === "ArrowDown" && walks(event.target)) walk(1);
  else if (event.key === "ArrowUp" && walks(event.target)) walk(-1);
  else if (event.key === "Enter" && event.target === field) openFirst();
  else return;
  event.preventDefault();
}

const walks = (element) => element === field || element.matches(".row-link, .found-more a");
const links = () => [...results().querySelectorAll(".row-link, .found-more a")];
const first = () => results().querySelector(".row-link");

function walk(step) {
  const all = [field, ...links()];
  const next = all[all.indexOf(document.activeElement) + step];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

// Enter opens what was found for the words that stand there, not for those of a moment ago.
async function openFirst() {
  keepAddress();
  if (shown !== wanted()) await look();
  first()?.focus();
  first()?.click();
}

if (isOpen()) {
  shown = wanted();
  markOpen();
}

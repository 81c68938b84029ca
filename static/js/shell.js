// The frame: the rail folds to icons and stays so, the sheet behind “Más”, and the bar that says there is no connection.

const root = document.documentElement;

function fold(narrow) {
  root.toggleAttribute("data-rail", false);
  if (narrow) root.dataset.rail = "narrow";
  document.cookie = `rail=${narrow ? "narrow" : "wide"}; path=/; max-age=31536000; samesite=lax`;
  showFold();
}

function showFold() {
  const button = document.querySelector("[data-rail-toggle]");
  button?.setAttribute("aria-expanded", String(root.dataset.rail !== "narrow"));
}

function showSheet(open) {
  document.getElementById("rail")?.classList.toggle("is-open", open);
  document.querySelector("[data-more]")?.setAttribute("aria-expanded", String(open));
  if (open) document.querySelector("#rail a")?.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-rail-toggle]")) return fold(root.dataset.rail !== "narrow");
  const more = event.target.closest("[data-more], [data-more-close]");
  if (!more) return;
  event.preventDefault();
  showSheet(more.matches("[data-more]") && !document.querySelector("#rail.is-open"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || !document.querySelector("#rail.is-open")) return;
  showSheet(false);
  document.querySelector("[data-more]")?.focus();
});

function showConnection() {
  const bar = document.getElementById("offline");
  if (bar) bar.hidden = navigator.onLine;
}

addEventListener("online", showConnection);
addEventListener("offline", showConnection);
document.addEventListener("htmx:after:swap", showFold);
showFold();
showConnection();

// Menus (details[data-menu]): arrows, Home and End walk them, Esc and a click outside close them, one is open at a time.

const STOPS = ".menu-item, .segments button, .segments a, .input";

const stops = (menu) => [...menu.querySelectorAll(`.menu-list :is(${STOPS})`)].filter((stop) => stop.offsetParent);

function close(menu, refocus) {
  menu.open = false;
  if (refocus) menu.querySelector("summary").focus();
}

function step(menu, event) {
  if (event.target.matches("select, input[type='date'], input[type='time']")) return;
  const all = stops(menu);
  const at = all.indexOf(document.activeElement);
  const next = {
    ArrowDown: at + 1,
    ArrowUp: at < 0 ? all.length - 1 : at - 1,
    Home: 0,
    End: all.length - 1,
  }[event.key];
  if (next === undefined || (event.target.matches("input") && ["Home", "End"].includes(event.key))) return;
  event.preventDefault();
  menu.open = true;
  requestAnimationFrame(() => stops(menu).at(next % stops(menu).length)?.focus());
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu]");
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    event.preventDefault();
    close(menu, true);
  } else if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") {
    step(menu, event);
  }
});

document.addEventListener("click", (event) => {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    const inside = menu.contains(event.target);
    if (!inside || event.target.closest("[data-menu-close]")) close(menu);
  });
});

document.addEventListener("focusin", (event) => {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target) && event.target !== document.body) close(menu);
  });
});

// A menu that changed something is drawn anew, closed: its opener takes the focus that was inside.
document.addEventListener("htmx:before:swap", (event) => {
  const menu = document.activeElement?.closest?.("details[data-menu]");
  const holder = menu?.closest("[id]");
  if (!holder || !event.detail.ctx) return;
  document.addEventListener("htmx:after:swap", () => {
    if (document.activeElement === document.body) document.querySelector(`#${CSS.escape(holder.id)} summary`)?.focus();
  }, { once: true });
});

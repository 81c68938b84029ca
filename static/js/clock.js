// Time that passes while the page stands open: windows count down, rings shrink, "2 min" becomes "3 min".
// A window that closes is told as the event `clock:closed`, {id}; the server then says what that means.

const crm = window.crm;
const EVERY = 15_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NBSP = "\u00a0";

const toneOf = (left) => (left > 6 * HOUR ? "green" : left > HOUR ? "amber" : "red");

function spell(left, under) {
  const minutes = Math.floor(left / 60_000);
  if (minutes < 1) return under;
  const parts = [[Math.floor(minutes / 60), "h"], [minutes % 60, "min"]].filter(([count]) => count);
  return parts.map(([count, unit]) => `${count}${NBSP}${unit}`).join(NBSP);
}

function paint(element, prefix, tone) {
  if (!element || element.classList.contains(prefix + tone)) return;
  element.classList.remove(...["green", "amber", "red"].map((one) => prefix + one));
  element.classList.add(prefix + tone);
}

function countDown(holder) {
  const left = Date.parse(holder.dataset.endsAt) - Date.now();
  const ring = holder.querySelector(".ring");
  const arc = ring?.querySelector(".ring-arc");
  if (left <= 0) {
    if (arc) crm.tell("clock:closed", { id: holder.dataset.conversation });
    return;
  }
  if (!arc) return;
  const length = `${Math.max(3, Math.min(100, (left / DAY) * 100)).toFixed(1)} 100`;
  if (arc.getAttribute("stroke-dasharray") !== length) arc.setAttribute("stroke-dasharray", length);
  paint(ring, "ring-", toneOf(left));
  const line = holder.querySelector(".window[data-left]");
  if (!line) return;
  const words = line.dataset.left.replace("{time}", spell(left, line.dataset.under));
  if (line.querySelector("span").textContent !== words) line.querySelector("span").textContent = words;
  paint(line, "window-", toneOf(left));
}

// Only what needs no word of any language: the rest ("ayer", "12 ago.") comes with the next fragment.
function age(time) {
  const minutes = Math.floor((Date.now() - Date.parse(time.dateTime)) / 60_000);
  if (minutes < 1 || minutes >= 360) return;
  const words = minutes < 60 ? `${minutes}${NBSP}min` : `${Math.floor(minutes / 60)}${NBSP}h`;
  if (time.textContent !== words) time.textContent = words;
}

function tick() {
  crm.inbox.querySelectorAll("[data-ends-at]").forEach(countDown);
  crm.inbox.querySelectorAll("time[data-relative]").forEach(age);
}

setInterval(tick, EVERY);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && tick());

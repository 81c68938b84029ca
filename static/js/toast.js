// Short words about what has just happened.
// Anyone may say something: document.dispatchEvent(new CustomEvent("toast", { detail: { text, kind } })), with `link`, an
// anchor, when there is a way forward,
// or the server by the header HX-Trigger: {"toast": {"text": "…", "kind": "success|error|info"}}.

const STAYS = 6000;
const region = document.getElementById("toasts");

function letGo(toast) {
  toast.classList.add("toast-leaving");
  setTimeout(() => toast.remove(), 150);
}

// The same words twice are said once, at the end.
function settle() {
  const said = new Set();
  [...region.querySelectorAll(".toast")].reverse().forEach((toast) => {
    const words = toast.querySelector("p").textContent;
    if (said.has(words)) toast.remove();
    else watch(toast);
    said.add(words);
  });
}

function watch(toast) {
  if (toast.dataset.toast === "error" || toast.dataset.watched) return;
  toast.dataset.watched = "1";
  let timer;
  const start = () => { timer = setTimeout(() => letGo(toast), STAYS); };
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", start);
  start();
}

function say({ text, kind = "info", link }) {
  const template = document.getElementById(`toast-${kind}`) ?? document.getElementById("toast-info");
  if (!text || !template) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.querySelector("p").textContent = text;
  if (link) toast.querySelector("p").append(" ", link);
  region.append(toast);
}

if (region) {
  new MutationObserver(settle).observe(region, { childList: true });
  settle();
  document.addEventListener("toast", (event) => say(event.detail ?? {}));
  document.addEventListener("click", (event) => {
    const toast = event.target.closest("[data-toast-close]")?.closest(".toast");
    if (toast) letGo(toast);
  });
}

// A refusal that is not ours (a proxy's page, a cut line) must not land in the middle of the page.
const unreachable = document.getElementById("unreachable")?.content.textContent.trim();

document.addEventListener("htmx:before:swap", (event) => {
  const { response, text = "" } = event.detail.ctx ?? {};
  if (!response || response.status < 500 || text.includes("<hx-partial")) return;
  event.preventDefault();
  say({ text: unreachable, kind: "error" });
});

document.addEventListener("htmx:error", (event) => {
  if (!event.detail.ctx?.response && navigator.onLine) say({ text: unreachable, kind: "error" });
});

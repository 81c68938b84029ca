// The keyboard of the inbox, for hands that are not in a field: j and k walk the list, Enter opens, Esc goes back,
// r answers, n writes a note. Single keys only: Alt and AltGr write letters on our keyboards.

const crm = window.crm;

const links = () => [...document.querySelectorAll("#inbox-rows .row-link")];
const isField = (element) => element.closest?.("input, textarea, select, [contenteditable], dialog[open]");

function walk(step) {
  const all = links();
  const from = all.includes(document.activeElement)
    ? document.activeElement
    : document.querySelector("#inbox-rows .row-link[aria-current]");
  const next = from ? all[all.indexOf(from) + step] : all[0];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function write(kind) {
  const form = document.getElementById("composer");
  const tab = form?.querySelector?.(`[name="kind"][value="${kind}"]`);
  if (!tab) return;
  tab.checked = true;
  tab.dispatchEvent(new Event("change", { bubbles: true }));
  form.querySelector("textarea").focus();
}

const KEYS = { j: () => walk(1), k: () => walk(-1), r: () => write("reply"), n: () => write("note") };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat && !"jk".includes(event.key)) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.getModifierState("AltGraph")) return;
  if (event.key === "Escape") return escape(event);
  if (isField(event.target) || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

// Out of the field first, then out of the customer's pane, then back to the list.
function escape(event) {
  if (document.querySelector("dialog[open], details[data-menu][open]")) return;
  if (event.target.matches("#composer textarea")) document.getElementById("thread-scroll")?.focus();
  else if (location.hash === "#cliente") history.back();
  else if (crm.inbox.dataset.pane === "open" && matchMedia("(max-width: 1199px)").matches) crm.inbox.dataset.pane = "closed";
  else if (crm.opened() && !isField(event.target)) {
    if (matchMedia("(max-width: 720px)").matches) crm.back();
    else document.querySelector("#inbox-rows .row-link[aria-current]")?.focus();
  }
}

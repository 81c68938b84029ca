// Macros: `m` and then a digit runs one in the open conversation. The list is fetched when the ⋯ menu opens.

const crm = window.crm;
const PATIENCE = 2000;
const isField = (element) => element.closest?.("input, textarea, select, [contenteditable], dialog[open]");

crm.macros = {
  // Everything or nothing: what went wrong is said, and then nothing was done.
  async run(key) {
    const id = crm.opened();
    if (!id) return;
    const answer = await crm.ask(`${crm.inbox.dataset.home}/${id}/macros/keys/${key}`, { method: "POST" });
    if (!answer.ok) return crm.problem(answer);
    if (answer.headers.has("HX-Redirect")) return location.assign(answer.headers.get("HX-Redirect"));
    const head = document.getElementById("thread-head");
    if (id !== crm.opened() || !head) return;
    await crm.swap(head, answer.text);
    crm.thread.renew();
  },
};

document.addEventListener("toggle", async (event) => {
  if (event.target.id !== "more-menu" || !event.target.open) return;
  const place = document.getElementById("more-macros");
  const answer = place && (await crm.ask(place.dataset.macros));
  if (answer?.ok && place.isConnected) await crm.swap(place, answer.text, "innerHTML");
}, true);

let begun = 0;

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat || !crm.opened() || isField(event.target)) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.getModifierState("AltGraph")) return;
  const waits = performance.now() - begun < PATIENCE;
  begun = event.key === "m" ? performance.now() : 0;
  if (event.key === "m") event.preventDefault();
  else if (waits && /^[1-9]$/.test(event.key)) {
    event.preventDefault();
    crm.macros.run(Number(event.key));
  }
});

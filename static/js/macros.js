// Macros run in the open conversation, by `m` and a digit (keys.js) or from the ⋯ menu, which fetches their list.

const crm = window.crm;

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

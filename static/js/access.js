// Losing sight of the open conversation: somebody else takes care of it now. The page says so and lets it go; what was
// being written stays kept in this browser. The server is asked first, a refused hint alone closes nothing.

const crm = window.crm;

document.addEventListener("live:shut", async (event) => {
  const { id } = event.detail;
  if (id !== crm.opened()) return;
  const answer = await crm.ask(`${crm.inbox.dataset.home}/${id}/company`);
  if (answer.status !== 404 || id !== crm.opened()) return;
  crm.closeThread();
  await crm.swap(document.getElementById("thread"), document.getElementById("thread-lost").innerHTML, "outerHTML");
  history.replaceState({ inbox: true }, "", crm.inbox.dataset.home);
  crm.refreshList();
});

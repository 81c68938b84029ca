// The customer's pane hears when somebody corrects or notes something about the person in it, wherever that was done.

const crm = window.crm;

async function look(id) {
  if (document.getElementById("cliente")?.dataset.lead !== id || !crm.opened()) return;
  await crm.thread.renew({ composer: false });
  const name = document.querySelector("#thread-title .cut")?.textContent.trim();
  if (!name) return;
  document.getElementById("thread").dataset.customer = name;
  document.title = `${name} · ${crm.inbox.dataset.title}`;
}

crm.live.socket.on("lead", ({ id }) => look(id));

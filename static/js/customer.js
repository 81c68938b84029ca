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

// A note that is being written is kept in this browser, so that neither another conversation nor a reload loses it.

const note = () => document.getElementById("note-add");
const nameOf = (field) => `note:${field.closest("#cliente").dataset.lead}`;

function restore() {
  const field = note();
  if (field && !field.value) field.value = crm.kept(nameOf(field)) ?? "";
}

document.addEventListener("input", (event) => {
  if (event.target.id === "note-add") crm.keep(nameOf(event.target), event.target.value.trim() ? event.target.value : null);
});

document.addEventListener("htmx:after:swap", (event) => {
  const { sourceElement, response } = event.detail.ctx ?? {};
  if (sourceElement?.matches?.(".note-add") && response?.status < 400) crm.keep(nameOf(note()), null);
  restore();
});
restore();

crm.live.socket.on("lead", ({ id }) => look(id));

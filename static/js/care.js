// Taking care by hand (by key: keys.js). On a telephone the head has no room for every menu, so those of the ⋯ menu open
// them. Who is handed a conversation, or gets one back, is told.

const crm = window.crm;
const narrow = matchMedia("(max-width: 720px)");

function openMenu(id) {
  const menu = document.getElementById(id);
  if (!menu) return;
  menu.open = true;
  menu.querySelector(".menu-list .menu-item")?.focus();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) openMenu(opener.dataset.opens);
});

// Enter in a field of a menu decides nothing: it goes on to the first of the choices.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.(".owner-list input, .closing input")) return;
  event.preventDefault();
  event.target.form.querySelector(".menu-item")?.focus();
});

// What was marked as unread is left for later: on a telephone that means the list.
document.addEventListener("htmx:after:swap", (event) => {
  const { sourceElement, response } = event.detail.ctx ?? {};
  if (sourceElement?.matches?.("[data-unread]") && response?.status < 400 && narrow.matches) crm.back();
});

// -- Told ----------------------------------------------------------------------------------------------------

async function say(id, about) {
  const answer = await crm.ask(`${crm.inbox.dataset.home}/${id}/${about}`);
  if (answer.ok) crm.toast(crm.sentence(answer.text), "info");
}

crm.live.socket.on("transferred", ({ id }) => say(id, "transfer"));
crm.live.socket.on("woken", ({ id }) => say(id, "waking"));

// Sending later: the menu beside the button, and the list of what waits. Its forms are htmx's; here the words go to the
// server with their file, and the list follows what others do to it.

const crm = window.crm;

const region = () => document.getElementById("scheduled");
const form = () => document.querySelector("form#composer");
const field = () => document.getElementById("composer-body");
const isTemplate = () => Boolean(document.querySelector("#template-picker[data-shown]"));

// -- The list ------------------------------------------------------------------------------------------------

let owed = false;

const refresh = crm.serial(async () => {
  const id = crm.opened();
  if (!id || !region()) return;
  if (region().querySelector("details[open]")) return (owed = true);
  const answer = await crm.ask(region().dataset.url);
  if (answer.ok && id === crm.opened()) await crm.swap(region(), answer.text, "outerHTML");
});

document.addEventListener("toggle", (event) => {
  if (owed && !event.target.open && event.target.closest?.("#scheduled")) {
    owed = false;
    refresh();
  }
}, true);

crm.live.socket.on("scheduled", (news) => news.id === crm.opened() && refresh());
document.addEventListener("live:connected", (event) => event.detail.again && refresh());

// -- Putting something on it ---------------------------------------------------------------------------------

function formOf(chosen, files) {
  const data = new FormData(form());
  const own = chosen.closest(".later-choices");
  data.set("when", chosen.value);
  data.set("at", own.querySelector("[name='at']").value);
  data.delete("only_if_unanswered");
  if (own.querySelector("[name='only_if_unanswered']").checked) data.set("only_if_unanswered", "1");
  if (!isTemplate()) data.delete("file");
  for (const file of files) data.append("file", file, file.name);
  return data;
}

async function schedule(chosen) {
  const files = isTemplate() ? [] : crm.files.take();
  const answer = await crm.ask(chosen.formAction, { method: "POST", body: formOf(chosen, files) });
  chosen.closest("details").open = false;
  if (!answer.ok) {
    crm.files.give(files);
    if (answer.status !== 401) crm.composer.say(crm.sentence(answer.text) || crm.inbox.dataset.problem);
    return;
  }
  await crm.swap(region(), answer.text, "outerHTML");
  if (region().dataset.said) crm.toast(region().dataset.said, "success");
  empty();
}

function empty() {
  crm.composer.say("");
  if (isTemplate()) return document.querySelector("[data-templates-close]")?.click();
  field().value = "";
  document.querySelector("[data-answer-drop]")?.click();
  field().dispatchEvent(new Event("input", { bubbles: true }));
  field().focus();
}

// -- Hands ---------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-later]");
  if (!chosen) return;
  event.preventDefault();
  schedule(chosen);
});

// A page may stand open for hours: the moments are asked for when the menu is.
document.addEventListener("toggle", async (event) => {
  const menu = event.target;
  if (!menu.matches?.("[data-later-menu]") || !menu.open) return;
  const answer = await crm.ask(menu.dataset.url);
  const list = menu.querySelector(".later-choices");
  if (answer.ok && menu.open && !list.contains(document.activeElement)) await crm.swap(list, answer.text, "outerHTML");
}, true);

// Enter in the field of the date means the button beside it, not the composer's.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.(".later-at input")) return;
  event.preventDefault();
  event.target.closest(".later-choices").querySelector(".later-set").click();
});

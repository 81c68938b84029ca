// The picker of templates: search, choose, fill in with the preview following, send. It stands in the composer by itself
// when the window is closed, and comes by its button when it is open. Links and fields work without this file too.

const crm = window.crm;

const picker = () => document.getElementById("template-picker");
const form = () => document.querySelector("form#composer");
const button = () => picker()?.querySelector("[data-send-template]");
const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// -- Choosing ------------------------------------------------------------------------------------------------

async function fetchPicker(url, id = "") {
  const answer = await crm.ask(id ? `${url}?template=${id}` : url);
  if (!answer.ok) crm.problem(answer);
  return answer.ok ? answer.text : "";
}

async function choose(link) {
  const html = await fetchPicker(picker().dataset.url, link.dataset.template);
  const fresh = html && crm.parse(html).querySelector("#picker-one");
  if (!fresh || !link.isConnected) return;
  await crm.swap(document.getElementById("picker-one"), fresh.outerHTML, "outerHTML");
  picker().querySelectorAll("[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
  link.setAttribute("aria-current", "true");
  crm.composer.say("");
  toFirstEmpty();
}

function toFirstEmpty() {
  const fields = [...picker().querySelectorAll("[data-variable], #picker-one input[type='file']")];
  (fields.find((field) => !field.value) ?? button())?.focus();
}

async function open(opener) {
  const html = await fetchPicker(opener.dataset.templates);
  if (!html || !opener.isConnected) return;
  await crm.swap(picker(), html, "outerHTML");
  picker().querySelector("[data-template-search]")?.focus();
}

function close() {
  const empty = document.createElement("div");
  empty.id = "template-picker";
  empty.hidden = true;
  picker().replaceWith(empty);
  document.getElementById("composer-body")?.focus();
}

const canClose = () => Boolean(picker()?.querySelector("[data-templates-close]"));

function search(words) {
  const wanted = plain(words.trim()).split(/\s+/);
  let found = 0;
  for (const item of picker().querySelectorAll(".picker-names > li")) {
    const text = plain(item.dataset.words);
    item.hidden = !wanted.every((word) => text.includes(word));
    if (!item.hidden) found += 1;
  }
  picker().querySelector(".picker-none").hidden = found > 0;
}

// -- Filling in ----------------------------------------------------------------------------------------------

function show(field) {
  for (const slot of picker().querySelectorAll(`[data-slot="${CSS.escape(field.dataset.variable)}"]`)) {
    slot.textContent = field.value.trim() || slot.dataset.empty;
    slot.classList.toggle("is-empty", !field.value.trim());
  }
}

// -- Sending -------------------------------------------------------------------------------------------------

function formOf() {
  const data = new FormData(form());
  data.delete("file");
  const file = picker().querySelector("input[type='file']")?.files[0];
  if (file) data.set("file", file, file.name);
  data.set("body", "");
  data.set("kind", "reply");
  return data;
}

async function send() {
  button().disabled = true;
  const answer = await crm.ask(form().action, { method: "POST", body: formOf() });
  if (button()) button().disabled = false;
  if (!answer.ok) return refused(answer);
  form().elements.client_id.value = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  crm.composer.say("");
  await crm.thread.place(answer.text);
  crm.thread.toBottom();
  if (canClose()) close();
  else await crm.swap(picker(), await fetchPicker(picker().dataset.url), "outerHTML");
}

function refused(answer) {
  if (answer.status !== 401) crm.composer.say(crm.sentence(answer.text) || (answer.status ? crm.inbox.dataset.problem : form().dataset.lost));
}

// -- Hands ---------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-template], [data-templates], [data-templates-close], [data-send-template]");
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (target.dataset.template) choose(target);
  else if (target.dataset.templates) open(target);
  else if (target.matches("[data-templates-close]")) close();
  else send();
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-template-search]")) search(event.target.value);
  else if (event.target.matches("[data-variable]")) show(event.target);
});

document.addEventListener("keydown", (event) => {
  if (!event.target.closest?.("#template-picker") || event.isComposing) return;
  if (event.key === "Enter" && event.target.matches("[data-template-search]")) {
    event.preventDefault();
    picker().querySelector("li:not([hidden]) > [data-template]")?.click();
  } else if (event.key === "Escape" && canClose() && !document.querySelector("details[data-menu][open]")) {
    event.preventDefault();
    close();
  } else if (event.key.startsWith("Arrow") && event.target.matches("[data-template], [data-template-search]")) walk(event);
});

function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const links = [...picker().querySelectorAll("li:not([hidden]) > [data-template]")];
  const next = links[links.indexOf(event.target) + step];
  (next ?? (step < 0 ? picker().querySelector("[data-template-search]") : links.at(-1)))?.focus();
}

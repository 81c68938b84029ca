// Files about to be sent: chosen, dropped on the thread, pasted, or brought by a quick reply. They stand as chips under the
// words until they go, and can be taken out again. A picture that is too large is made smaller (shrink.js); what the channel
// would refuse by its size all the same is said at once.

const crm = window.crm;
const MB = 1_000_000;
const LIMITS = [["image/", 5 * MB], ["video/", 16 * MB], ["audio/", 16 * MB], ["", 100 * MB]];

let files = [];

const shelf = () => document.getElementById("composer-files");
const form = () => document.querySelector("form#composer");
const canAttach = () => Boolean(form() && !form().dataset.why);

const most = (file) => LIMITS.find(([start]) => file.type.startsWith(start))[1];

function size(bytes) {
  const [amount, unit] = bytes < MB ? [bytes / 1000, "kB"] : [bytes / MB, "MB"];
  const digits = amount < 9.95 ? 1 : 0;
  return `${amount.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits })}\u00a0${unit}`;
}

let pending = 0;
let waiting = null;

// Pictures take a moment; whoever sends meanwhile is served when they are ready.
async function add(list) {
  if (!canAttach()) return;
  const conversation = crm.opened();
  pending += 1;
  show();
  const ready = await Promise.all([...list].map(crm.shrink));
  pending -= 1;
  if (conversation !== crm.opened() || !canAttach()) return;
  accept(ready);
  const act = waiting;
  if (!pending) waiting = null;
  if (!pending && act) act();
}

function accept(list) {
  for (const file of list) {
    if (file.size <= most(file)) files.push(file);
    else crm.composer.say(form().dataset.tooBig.replace("{name}", file.name).replace("{size}", size(most(file))));
  }
  const reply = form().querySelector("[name='kind'][value='reply']");
  if (files.length && !reply.checked) {
    reply.checked = true;
    reply.dispatchEvent(new Event("change", { bubbles: true }));
  }
  show();
}

function face(file, link) {
  const chip = document.getElementById("composer-file").content.firstElementChild.cloneNode(true);
  chip.querySelector("[data-name]").textContent = file.name;
  chip.querySelector("[data-size]").textContent = size(file.size) + (file.isSmaller ? ` · ${form().dataset.smaller}` : "");
  if (file.type.startsWith("image/") && link) {
    const image = chip.querySelector("img");
    image.src = link;
    image.hidden = false;
    image.alt = file.name;
  }
  return chip;
}

let links = [];

function show() {
  links.forEach((link) => URL.revokeObjectURL(link));
  links = files.map(linkTo);
  shelf()?.replaceChildren(...files.map((file, number) => face(file, links[number])));
  if (pending && shelf()) shelf().append(coming());
  crm.composer?.shape();
}

// A file of a quick reply lies on the server: its face is there too.
const linkTo = (file) => (file.quick ? file.face : URL.createObjectURL(file));

function coming() {
  const chip = document.getElementById("composer-file").content.firstElementChild.cloneNode(true);
  chip.classList.add("is-coming");
  chip.querySelector("[data-name]").textContent = `${form().dataset.preparing}…`;
  chip.querySelector("[data-file-drop]").remove();
  return chip;
}

crm.files = {
  any: () => files.length > 0,
  linkTo,
  preparing: () => pending > 0,
  whenReady(act) {
    waiting = act;
  },
  take() {
    const taken = files;
    files = [];
    show();
    return taken;
  },
  give(list) {
    files = [...list, ...files];
    show();
  },
};

// The same face inside a bubble that is on its way, with how far it has come.
crm.fileFace = (item) => {
  const chip = face(item.file, item.link);
  const box = document.createElement("div");
  box.className = "paper";
  box.append(chip.querySelector(".file-face"), chip.querySelector(".paper-name"));
  const bar = document.createElement("progress");
  bar.max = 1;
  box.querySelector(".paper-name").append(bar);
  return box;
};

document.addEventListener("change", (event) => {
  if (!event.target.matches("#composer input[type='file']")) return;
  add([...event.target.files]);
  event.target.value = "";
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-file-drop]");
  if (!button) return;
  files.splice([...shelf().children].indexOf(button.closest("li")), 1);
  show();
  document.getElementById("composer-body").focus();
});

document.addEventListener("paste", (event) => {
  const pasted = [...(event.clipboardData?.files ?? [])];
  if (!pasted.length || !event.target.closest("#thread")) return;
  event.preventDefault();
  add(pasted);
});

const brings = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const mark = (on) => document.getElementById("thread")?.classList.toggle("is-dropping", on);

document.addEventListener("dragover", (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  const inside = canAttach() && event.target.closest("#thread");
  event.dataTransfer.dropEffect = inside ? "copy" : "none";
  mark(Boolean(inside));
});
document.addEventListener("dragleave", (event) => !event.relatedTarget && mark(false));
document.addEventListener("drop", (event) => {
  mark(false);
  if (!brings(event)) return;
  event.preventDefault();
  if (event.target.closest("#thread")) add([...event.dataTransfer.files]);
});

document.addEventListener("inbox:opened", () => {
  files = [];
  waiting = null;
  show();
});

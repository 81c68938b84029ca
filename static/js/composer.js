// Writing: Enter sends (or breaks the line, as the person prefers), Shift and Enter always break it, Ctrl and Enter always
// send, the field grows. What is written is a draft as it is typed (drafts.js). Sending itself is outbox.js.

const crm = window.crm;
const NEAR = 200;

const form = () => document.querySelector("form#composer");
const field = () => document.getElementById("composer-body");
const kind = () => form()?.elements.kind?.value ?? "reply";
const enterSends = crm.inbox.dataset.enterSends !== "false";
const touchOnly = matchMedia("(hover: none) and (pointer: coarse)");

// -- Drafts --------------------------------------------------------------------------------------------------

function keepDraft() {
  if (!form()) return;
  crm.drafts.note(form().dataset.conversation, { body: field().value, kind: kind(), answer: answering() });
}

// Words typed before the draft was found stand where they are.
function restoreDraft() {
  if (!form()) return;
  const draft = field().value ? null : crm.drafts.find(form().dataset.conversation);
  if (draft) put(draft);
  shape();
}

function put(draft) {
  field().value = draft.body;
  choose(draft.kind);
  if (draft.answer) answer(draft.answer);
  else dropAnswer();
  shape();
}

function leavePage() {
  keepDraft();
  crm.drafts.saveLast();
}

function choose(value) {
  const radio = form().querySelector(`[name="kind"][value="${value}"]`);
  if (radio) radio.checked = true;
}

// -- Shape: height, placeholder, count ----------------------------------------------------------------------

function shape() {
  const area = field();
  if (!area) return;
  if (!CSS.supports("field-sizing", "content")) {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }
  area.placeholder = kind() === "note" ? area.dataset.note : area.dataset.reply;
  const left = room();
  const label = document.getElementById("composer-count");
  label.hidden = left > NEAR;
  label.classList.toggle("is-over", left < 0);
  const words = left < 0 ? form().dataset.tooLong : form().dataset.left;
  label.textContent = words.replace("{n}", Math.abs(left));
}

// How many characters may still be written; a caption is shorter than a message.
function room() {
  if (kind() === "note") return 20_000 - field().value.length;
  return (crm.files?.any() ? 1024 : Number(form().dataset.most)) - field().value.length;
}

// -- Answering one message -----------------------------------------------------------------------------------

const box = () => document.getElementById("composer-answer");

const answering = () => (form()?.elements.reply_to.value ? { id: form().elements.reply_to.value, name: box().querySelector("b").textContent, words: box().querySelector("b + span").textContent } : null);

function answer({ id, name, words }) {
  form().elements.reply_to.value = id;
  box().querySelector("b").textContent = name;
  box().querySelector("b + span").textContent = words;
  box().hidden = false;
}

function dropAnswer() {
  form().elements.reply_to.value = "";
  box().hidden = true;
}

function quoteOf(message, id) {
  const words = message.querySelector(".words, .paper-name b, .player-time, .gone")?.textContent ?? "";
  const name = message.dataset.direction === "inbound" ? document.getElementById("thread").dataset.customer : box().dataset.us;
  return { id, name, words: words.trim().slice(0, 140) };
}

function answerTo(button) {
  choose("reply");
  answer(quoteOf(button.closest(".message"), button.dataset.answer));
  shape();
  keepDraft();
  field().focus();
}

// -- Saying what is wrong ------------------------------------------------------------------------------------

const problem = () => document.getElementById("composer-problem");

function sayProblem(sentence) {
  if (!problem()) return;
  problem().replaceChildren();
  if (!sentence) return;
  const line = document.getElementById("composer-sentence").content.cloneNode(true);
  line.querySelector("[data-sentence]").textContent = sentence;
  problem().append(line);
}

function saySignedOut() {
  keepDraft();
  const line = document.getElementById("composer-signed-out");
  if (line) problem().replaceChildren(line.content.cloneNode(true));
  else location.reload();
}

// -- Sending -------------------------------------------------------------------------------------------------

function submit() {
  if (crm.files.preparing()) return crm.files.whenReady(submit);
  const body = field().value.trim() ? field().value.replace(/\s+$/, "") : "";
  const files = kind() === "reply" ? crm.files.take() : [];
  if (!body && !files.length) return field().focus();
  if (room() < 0) {
    crm.files.give(files);
    return sayProblem(form().dataset.tooLong.replace("{n}", -room()));
  }
  const gaps = kind() === "reply" ? crm.quick.gapsIn(body) : "";
  if (gaps) {
    crm.files.give(files);
    return sayProblem(gaps);
  }
  for (const part of parts(body, files)) crm.outbox.send({ ...common(), ...part });
  empty();
}

const common = () => ({ url: form().action, conversation: form().dataset.conversation, kind: kind(), reply_to: "", ...named() });
const named = () => (kind() === "note" ? { mentions: crm.mentions.in(field().value) } : {});

// One message for each file, the words as caption of the first; a recording carries none, so they follow by themselves.
function parts(body, files) {
  const quote = answering();
  const first = kind() === "reply" && quote ? { reply_to: quote.id, quote } : {};
  if (!files.length) return [{ body, ...first }];
  const captioned = !files[0].type.startsWith("audio/");
  const found = files.map((file, number) => ({ file, body: captioned && number === 0 ? body : "" }));
  Object.assign(found[0], first);
  return captioned || !body ? found : [...found, { body }];
}

function empty() {
  field().value = "";
  dropAnswer();
  sayProblem("");
  keepDraft();
  shape();
  field().focus();
}

crm.composer = {
  // The server refused it: back into the field if that is empty. True when it was taken.
  takeBack(item, sentence) {
    if (!form() || field().value.trim()) return false;
    this.append(item);
    sayProblem(sentence);
    return true;
  },
  append(item) {
    const area = field();
    if (!area) return;
    area.value = [area.value, item.body].filter((text) => text.trim()).join("\n");
    choose(item.kind);
    if (item.quote) answer({ id: item.reply_to, ...item.quote });
    if (item.file) (item.voice ? crm.voice : crm.files).give(item.voice ? item.file : [item.file]);
    shape();
    keepDraft();
    area.focus();
  },
  // A recording goes by itself; what is written meanwhile stays.
  sendVoice(file) {
    const quote = answering();
    crm.outbox.send({ ...common(), kind: "reply", body: "", file, voice: "1", ...(quote && { reply_to: quote.id, quote }) });
    dropAnswer();
    sayProblem("");
    keepDraft();
    field().focus();
  },
  put,
  quoteOf,
  shape,
  say: sayProblem,
};

// A new composer from the server (the window opened, the conversation was closed) with everything written still in it.
crm.renewComposer = async (html) => {
  const old = document.getElementById("composer");
  const fresh = crm.parse(html).querySelector("#composer");
  if (!fresh || (old.dataset.why === fresh.dataset.why && old.tagName === fresh.tagName && ["", "window"].includes(old.dataset.why))) return;
  const state = form() && { body: field().value, kind: kind(), focused: document.activeElement === field(), answer: answering() };
  await crm.swap(old, html);
  if (state && form()) {
    field().value = state.body;
    choose(state.kind);
    if (state.answer) answer(state.answer);
    if (state.focused) field().focus();
  }
  shape();
  crm.tell("composer:renewed");
};

// -- Hands ---------------------------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "composer-body" || event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  if ((touchOnly.matches || !enterSends) && !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  submit();
});

document.addEventListener("submit", (event) => {
  if (event.target !== form() || event.submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  submit();
});

document.addEventListener("input", (event) => {
  if (event.target.id !== "composer-body") return;
  shape();
  keepSoon();
});
const keepSoon = crm.throttle(keepDraft, 250);

document.addEventListener("change", (event) => {
  if (!event.target.matches("#composer [name='kind']")) return;
  shape();
  keepDraft();
  sayProblem("");
  if (!touchOnly.matches) field().focus();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-answer], [data-answer-drop]");
  if (!button || !form()) return;
  if (button.dataset.answer) return answerTo(button);
  dropAnswer();
  keepDraft();
});

addEventListener("pagehide", leavePage);
addEventListener("beforeunload", leavePage);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leavePage());
document.addEventListener("inbox:leaving", () => {
  keepDraft();
  crm.drafts.save();
});
document.addEventListener("inbox:opened", restoreDraft);
document.addEventListener("live:ended", saySignedOut);

// Where the keyboard covers the page instead of shrinking it, the page is as high as what is left above.
function aboveKeyboard() {
  const view = window.visualViewport;
  const covered = window.innerHeight - view.height > 120 && view.scale === 1;
  crm.inbox.style.height = covered ? `${view.height}px` : "";
  if (covered) window.scrollTo(0, 0);
}
window.visualViewport?.addEventListener("resize", aboveKeyboard);
restoreDraft();

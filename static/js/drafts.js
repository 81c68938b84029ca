// Drafts. What is written is kept in this browser as it is typed, and on the server a moment later, so that neither a reload,
// a session that ended nor another desk loses a word. Of two the newer wins; words in the field are never written over.
// Rows of the list show one's own drafts.

const crm = window.crm;
const PAUSE = 900;
const name = (id) => `draft:${id}`;
const home = crm.inbox.dataset.home;

let mine = new Map();
let timer = null;
let settled = { id: null, body: "" };

const same = (one, other) => one?.body === other?.body && one?.kind === other?.kind && (one?.answer?.id ?? "") === (other?.answer?.id ?? "");
const isEmpty = (draft) => !draft || (!draft.body.trim() && !draft.answer);

// -- Keeping -------------------------------------------------------------------------------------------------

// Kept here at once; `saved` says that the server has it. An empty one is kept until the server knows that it is gone.
function note(id, draft) {
  const before = crm.kept(name(id));
  if (before ? same(before, draft) : isEmpty(draft)) return;
  crm.keep(name(id), { ...draft, at: Date.now(), saved: false });
  show(id, draft.body);
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
}

function formOf(draft) {
  const form = new FormData();
  form.set("body", draft.body);
  form.set("kind", draft.kind);
  form.set("reply_to", draft.answer?.id ?? "");
  form.set("age", Date.now() - draft.at);
  return form;
}

function unsaved() {
  const start = `crm:${crm.me}:draft:`;
  const ids = Object.keys(window.localStorage ?? {}).filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
  return ids.map((id) => [id, crm.kept(name(id))]).filter(([, draft]) => draft?.saved === false);
}

const save = crm.serial(async () => {
  if (crm.live?.ended) return;
  for (const [id, draft] of unsaved()) {
    const answer = await crm.ask(`${home}/${id}/draft`, { method: "PUT", body: formOf(draft) });
    if (answer.ok) confirmed(id, draft);
    else if (answer.status === 0 || answer.status === 401) return;
  }
});

// What the server confirmed since a conversation was asked for: its page may have been made before.
const meanwhile = new Map();
document.addEventListener("inbox:leaving", () => meanwhile.clear());

// Words typed while it was under way are newer than what was confirmed.
function confirmed(id, draft) {
  const now = crm.kept(name(id));
  if (!now || now.at !== draft.at) return;
  meanwhile.set(id, draft);
  crm.keep(name(id), isEmpty(draft) ? null : { ...now, saved: true });
  if (id === crm.opened()) settled = { id, body: draft.body };
}

// The page goes away: what is not saved yet goes out with it, once, and stays here in case it does not arrive.
const sent = new Map();

function saveLast() {
  clearTimeout(timer);
  for (const [id, draft] of unsaved()) {
    if (sent.get(id) === draft.at || crm.live?.ended) continue;
    sent.set(id, draft.at);
    fetch(`${home}/${id}/draft`, { method: "PUT", body: formOf(draft), headers: crm.headers(), keepalive: true }).catch(() => {});
  }
}

// -- Finding again -------------------------------------------------------------------------------------------

function told(own) {
  if (own?.dataset.body === undefined) return null;
  const { body, kind, replyTo, age } = own.dataset;
  return { body, kind, answer: quoteOf(replyTo), age: Number(age) };
}

function quoteOf(id) {
  const message = id && document.querySelector(`.message[data-external="${CSS.escape(id)}"]`);
  return message ? crm.composer.quoteOf(message, id) : null;
}

// What stands in the field when a conversation opens: the newer of what this browser and the server have.
function find(id) {
  const kept = crm.kept(name(id));
  const ours = kept?.saved === false ? kept : (meanwhile.get(id) ?? kept);
  const theirs = told(document.getElementById("own-draft"));
  const newer = ours && ours.saved === false && (!theirs || Date.now() - ours.at <= theirs.age);
  if (newer) {
    if (ours !== kept) settled = { id, body: ours.body };
    setTimeout(save, 0);
    return isEmpty(ours) ? null : ours;
  }
  if (!theirs) crm.keep(name(id), null);
  else crm.keep(name(id), { ...theirs, answer: theirs.answer ?? (ours && same(ours, theirs) ? ours.answer : null), at: Date.now() - theirs.age, saved: true });
  settled = { id, body: theirs?.body ?? "" };
  return theirs;
}

// Another browser of this person wrote here. Its words are shown only where nothing was typed since the last that both knew.
async function hear(id) {
  refresh();
  const area = document.getElementById("composer-body");
  if (id !== crm.opened() || !area || crm.kept(name(id))?.saved === false) return;
  const answer = await crm.ask(`${home}/${id}/draft`);
  if (!answer.ok || id !== crm.opened() || settled.id !== id || area.value !== settled.body) return;
  meanwhile.delete(id);
  document.getElementById("own-draft")?.replaceWith(document.importNode(crm.parse(answer.text).querySelector("#own-draft"), true));
  const theirs = told(document.getElementById("own-draft"));
  if ((theirs?.body ?? "") !== area.value) crm.composer.put(find(id) ?? { body: "", kind: theirs?.kind ?? "reply", answer: null });
}

// -- The list ------------------------------------------------------------------------------------------------

const refresh = crm.throttle(async () => {
  const answer = await crm.ask(crm.inbox.dataset.drafts);
  if (!answer.ok) return;
  mine = new Map(Object.entries(JSON.parse(answer.text)));
  for (const [id, draft] of unsaved()) show(id, draft.body);
  dress();
}, 2000);

function show(id, body) {
  const words = body.trim().replace(/\s+/g, " ").slice(0, 140);
  if (words) mine.set(id, words);
  else mine.delete(id);
}

function dress() {
  for (const row of document.querySelectorAll("#inbox-rows .row")) {
    const id = row.id.slice(4);
    const words = id === crm.opened() ? "" : (mine.get(id) ?? "");
    row.classList.toggle("has-draft", Boolean(words));
    const place = row.querySelector(".row-draft-words");
    if (place && place.textContent !== words) place.textContent = words;
  }
}

crm.drafts = { note, find, save, saveLast, dress };

document.addEventListener("live:pulse", save);
document.addEventListener("live:connected", () => {
  save();
  refresh();
});
addEventListener("online", save);
crm.live?.socket?.on("draft", (news) => hear(news.id));
refresh();

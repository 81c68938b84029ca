// What a person has sent and the server has not yet confirmed. Each message has its own client id, goes out in order,
// stands in the thread from the first moment, and survives reload and lost lines: words are kept in this browser until
// the server has them. Sending twice is safe, the server knows the client id. Files are kept only while the page is open.

const crm = window.crm;
const STALE = 3_600_000;
const MOST_TRIES = 6;

let queue = (crm.kept("outbox") ?? []).filter((item) => !item.hadFile);
let running = false;
let retryTimer = null;

const save = () => crm.keep("outbox", queue.length ? queue.map(({ file, link, ...item }) => ({ ...item, hadFile: Boolean(file) })) : null);
const bubbleOf = (item) => document.getElementById(`pending-${item.client_id}`);
const texts = () => document.getElementById("composer")?.dataset ?? {};

// -- The bubble that stands there meanwhile ------------------------------------------------------------------

function draw(item) {
  if (item.conversation !== crm.opened() || bubbleOf(item)) return;
  const bubble = document.getElementById(item.kind === "note" ? "bubble-note" : "bubble-reply").content.firstElementChild.cloneNode(true);
  bubble.id = `pending-${item.client_id}`;
  bubble.classList.add("is-pending");
  const words = bubble.querySelector(".words");
  words.textContent = item.body;
  words.hidden = !item.body;
  if (item.file) words.before(crm.fileFace(item));
  if (item.quote) words.before(quote(item.quote));
  crm.thread.list().append(bubble);
  crm.thread.arrange();
  if (item.state === "held") hold(item, item.why);
}

function quote({ name, words }) {
  const box = document.querySelector("#composer-answer .quote").cloneNode(true);
  box.querySelector("b").textContent = name;
  box.querySelector("span").textContent = words;
  return box;
}

function explain(item, sentence, { held }) {
  const bubble = bubbleOf(item);
  if (!bubble) return;
  let line = bubble.querySelector(".unsent");
  if (!line) {
    line = document.getElementById("bubble-problem").content.firstElementChild.cloneNode(true);
    bubble.append(line);
  }
  line.classList.toggle("is-waiting", !held);
  line.querySelector("[data-sentence]").textContent = sentence;
  line.querySelectorAll("button").forEach((button) => (button.hidden = !held && button.dataset.unsent !== "drop"));
}

function hold(item, why) {
  item.state = "held";
  item.why = why;
  save();
  explain(item, why, { held: true });
}

function remove(item) {
  queue = queue.filter((other) => other !== item);
  if (item.link) URL.revokeObjectURL(item.link);
  save();
}

// -- Sending -------------------------------------------------------------------------------------------------

function formOf(item) {
  const form = new FormData();
  form.set("csrf_token", crm.headers()["X-CSRFToken"]);
  for (const name of ["body", "client_id", "kind", "reply_to", "mentions"]) form.set(name, item[name] ?? "");
  if (item.voice) form.set("voice", item.voice);
  if (item.file?.quick) form.set("quick_reply", item.file.quick);
  else if (item.file) form.set("file", item.file, item.file.name);
  return form;
}

// A file takes its time: only XMLHttpRequest tells how far it has come.
function upload(item) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", item.url);
    for (const [name, value] of Object.entries(crm.headers())) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => {
      const bar = bubbleOf(item)?.querySelector("progress");
      if (bar && event.lengthComputable) bar.value = event.loaded / event.total;
    };
    request.onloadend = () => resolve(crm.answer(request.status, request.responseText ?? ""));
    request.send(formOf(item));
  });
}

async function run() {
  if (running || crm.live.ended) return;
  running = true;
  clearTimeout(retryTimer);
  try {
    for (let item = next(); item && (await sent(item)); item = next());
  } finally {
    running = false;
  }
}

const next = () => queue.find((item) => item.state !== "held");

// True when the next one may go.
async function sent(item) {
  const answer = await (item.file ? upload(item) : crm.ask(item.url, { method: "POST", body: formOf(item) }));
  if (answer.ok) {
    remove(item);
    crm.tell("outbox:sent", { item, text: answer.text });
    if (item.conversation === crm.opened()) {
      await crm.thread.place(answer.text);
      bubbleOf(item)?.remove();
      crm.thread.arrange();
    }
    return true;
  }
  if (answer.status === 401) {
    for (const other of queue) hold(other, other.why || document.getElementById("composer-signed-out")?.content.querySelector("span").firstChild.textContent.trim() || "");
    return false;
  }
  if (answer.status === 0 || answer.status >= 500 || answer.status === 429) return later(item);
  refused(item, crm.sentence(answer.text) || crm.inbox.dataset.problem);
  return true;
}

function later(item) {
  item.tries = (item.tries ?? 0) + 1;
  save();
  if (navigator.onLine && item.tries >= MOST_TRIES) {
    hold(item, texts().lost ?? "");
    return true;
  }
  explain(item, texts().queued ?? "", { held: false });
  retryTimer = setTimeout(run, Math.min(30_000, 1000 * 2 ** item.tries));
  return false;
}

// The words go back to where they were written when nothing else stands there; otherwise they wait in their bubble.
function refused(item, sentence) {
  if (item.conversation === crm.opened() && crm.composer.takeBack(item, sentence)) {
    bubbleOf(item)?.remove();
    remove(item);
    crm.thread.arrange();
  } else hold(item, sentence);
}

crm.outbox = {
  send(item) {
    const ready = { ...item, client_id: crypto.randomUUID?.() ?? ownId(), at: Date.now() };
    if (ready.file) ready.link = crm.files.linkTo(ready.file);
    queue.push(ready);
    save();
    draw(ready);
    crm.thread.toBottom();
    run();
  },
};

// randomUUID is missing on pages served without TLS.
function ownId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// -- Hands and news ------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-unsent]")?.dataset.unsent;
  const bubble = act && event.target.closest(".message");
  const item = bubble && queue.find((one) => bubbleOf(one) === bubble);
  if (!item) return;
  if (act === "again") {
    Object.assign(item, { state: "", why: "", tries: 0 });
    bubble.querySelector(".unsent").remove();
    return run();
  }
  if (act === "edit") crm.composer.append(item);
  bubble.remove();
  remove(item);
  crm.thread.arrange();
});

function redraw() {
  for (const item of queue) {
    if (item.state !== "held" && Date.now() - item.at > STALE) Object.assign(item, { state: "held", why: texts().lost ?? "" });
    draw(item);
  }
}

// The message came by another road (the socket was faster than the answer): nothing is left to send.
document.addEventListener("thread:settled", (event) => {
  const item = event.detail.client && queue.find((one) => one.client_id === event.detail.client);
  if (item && !running) remove(item);
});
document.addEventListener("inbox:opened", redraw);
document.addEventListener("thread:turned", redraw);
document.addEventListener("live:connected", run);
document.addEventListener("live:pulse", run);
addEventListener("online", run);
addEventListener("beforeunload", (event) => {
  if (queue.some((item) => item.file)) event.preventDefault();
});
redraw();
run();

// What waits for this person, in the title, in the rail and on the telephone's bar; and a sound or a notification of the
// desktop when something comes, if they want that. Only one tab rings. What it says is fetched through a permitted
// route, so nobody is told of what they may not see. Tells `notices:rang` {news} to whoever wants to know.

const crm = window.crm;
const root = crm.inbox;
const EVERY = root.dataset.sound === "true" || root.dataset.desktop === "true" ? 2000 : 5000;

// -- One tab rings -------------------------------------------------------------------------------------------

let leads = !navigator.locks;
navigator.locks?.request(`crm:${crm.me}:rings`, () => {
  leads = true;
  return new Promise(() => {});
});

// Which conversation somebody has in front of them, in whichever tab.
const tabs = "BroadcastChannel" in window ? new BroadcastChannel(`crm:${crm.me}`) : null;
const looking = new Map();
const self = Math.random().toString(36).slice(2);
const inFront = () => (document.visibilityState === "visible" && document.hasFocus() ? crm.opened() : null);

tabs?.addEventListener("message", ({ data }) => {
  if (data?.tab) looking.set(data.tab, data.looking);
});
const tellTabs = () => tabs?.postMessage({ tab: self, looking: inFront() });
for (const name of ["focus", "blur", "pagehide"]) addEventListener(name, tellTabs);
document.addEventListener("visibilitychange", tellTabs);
document.addEventListener("inbox:opened", tellTabs);
const isSeen = (id) => inFront() === id || [...looking.values()].includes(id);

// -- What is new ---------------------------------------------------------------------------------------------

let since = "";
let unread = Number(root.dataset.unread) || 0;
const rung = new Set();

const look = crm.serial(async () => {
  if (crm.live.ended) return;
  const answer = await crm.ask(`${root.dataset.notices}?${new URLSearchParams({ since })}`);
  if (!answer.ok) return;
  const found = JSON.parse(answer.text);
  since = found.since;
  count(found.unread);
  ring(found.news.filter((one) => !rung.has(one.key)));
});
const lookSoon = crm.throttle(look, EVERY);

function ring(news) {
  news.forEach((one) => rung.add(one.key));
  const unseen = news.filter((one) => !isSeen(one.conversation));
  if (!unseen.length || !leads) return;
  if (root.dataset.sound === "true") chime();
  if (root.dataset.desktop === "true") notify(unseen);
  crm.tell("notices:rang", { news: unseen });
}

// -- The title and the pills ---------------------------------------------------------------------------------

const title = document.querySelector("title");

function count(number) {
  unread = number;
  entitle();
  const href = root.dataset.home;
  for (const [holder, tone] of [[`.rail .nav-item[href="${href}"]`, "pill-accent"], [`.bottom-item[href="${href}"] .bottom-icon`, "pill-corner"]]) {
    pill(document.querySelector(holder), tone);
  }
}

function pill(holder, tone) {
  if (!holder) return;
  let mark = holder.querySelector(".pill");
  if (!unread) return mark?.remove();
  if (!mark) {
    mark = document.createElement("span");
    mark.className = `pill ${tone}`;
    holder.append(mark);
  }
  mark.textContent = unread;
}

function entitle() {
  const plain = document.title.replace(/^\(\d+\) /, "");
  const wanted = unread ? `(${unread}) ${plain}` : plain;
  if (document.title !== wanted) document.title = wanted;
}

// -- Ringing -------------------------------------------------------------------------------------------------

let audio = null;

// Two short notes, softly: G5 and then C6.
function chime() {
  audio ??= new AudioContext();
  audio.resume();
  [784, 1047].forEach((pitch, number) => {
    const start = audio.currentTime + number * 0.12;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.12, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.28);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.3);
  });
}

// Permission is asked for in the preferences, never here.
function notify(news) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const [first] = news;
  const many = news.length > 1;
  const heading = many ? root.dataset.manyNews.replace("{n}", news.length) : first.title;
  const words = many ? news.map((one) => one.title).join(", ") : first.words;
  const note = new Notification(heading, { body: words, tag: first.conversation, icon: document.querySelector("link[rel='icon']").href });
  note.addEventListener("click", () => {
    window.focus();
    crm.open(first.conversation, { address: first.url });
    note.close();
  });
}

new MutationObserver(entitle).observe(title, { childList: true });
for (const name of ["live:inbox", "live:connected", "live:mention"]) document.addEventListener(name, lookSoon);
entitle();
look();

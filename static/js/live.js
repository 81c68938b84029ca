// The socket, and the slow net under it. Everybody else hears of the world by events on the document:
//   live:inbox          something in the list changed
//   live:conversation   {id, version}: the open conversation changed
//   live:shut           {id}: the server no longer lets us watch the open conversation
//   live:company        {id}: somebody came, went, or writes; live:writing {id, by, ends} is for the list
//   live:mention        somebody named this person in a note
//   live:connected      {again}: the line is up; `again` when it had been down, so anything may have been missed
//   live:lost           the line has been down for two seconds
//   live:pulse          the server answered: whoever waits to send may try
//   live:ended          the session is over: nothing more will come until the person signs in
// Events are hints and may be lost: every half minute, and whenever the page wakes, the pulse finds what was missed.
// Where sockets cannot pass at all, the pulse beats every five seconds and the inbox works, only slower.

const crm = window.crm;
const LOST_AFTER = 2000;
const PULSE_EVERY = 30_000;
const PULSE_ALONE = 5000;
const AGAIN_AFTER = 1000;

const socket = window.io({ transports: ["websocket"], reconnectionDelay: 500, reconnectionDelayMax: 5000 });
const bar = document.getElementById("offline");
let watched = null;
let lostTimer = null;
let aloneTimer = null;
let wasUp = false;
let ended = false;
let lastPulse = null;

crm.live = {
  socket,
  get connected() {
    return socket.connected;
  },
  get ended() {
    return ended;
  },
  watch(id) {
    if (watched && watched !== id && socket.connected) socket.emit("unwatch", { conversation_id: watched });
    watched = id;
    if (id && socket.connected) sayWatch();
  },
};

function sayWatch() {
  const id = watched;
  socket.timeout(5000).emit("watch", { conversation_id: id }, (error, answer) => {
    if (id !== watched || !socket.connected) return;
    if (error) setTimeout(() => id === watched && socket.connected && sayWatch(), AGAIN_AFTER);
    else if (answer?.ok) crm.tell("live:conversation", { id, version: answer.version });
    else crm.tell("live:shut", { id });
  });
}

socket.on("connect", () => {
  clearTimeout(lostTimer);
  clearInterval(aloneTimer);
  lostTimer = aloneTimer = null;
  if (bar) bar.hidden = true;
  if (watched) sayWatch();
  crm.tell("live:connected", { again: wasUp });
  wasUp = true;
});

function down() {
  lostTimer ??= setTimeout(() => {
    if (ended) return;
    if (bar) bar.hidden = false;
    aloneTimer ??= setInterval(pulse, PULSE_ALONE);
    crm.tell("live:lost");
  }, LOST_AFTER);
}

socket.on("disconnect", (reason) => {
  down();
  if (reason === "io server disconnect") askWhy();
});
socket.on("connect_error", down);
socket.on("inbox", () => crm.tell("live:inbox"));
socket.on("conversation", (news) => crm.tell("live:conversation", news));
socket.on("company", (news) => crm.tell("live:company", news));
socket.on("writing", (news) => crm.tell("live:writing", news));
socket.on("mention", (news) => crm.tell("live:mention", news));
// The conversation is somebody else's now and its room was emptied: whoever still may see it comes in again.
socket.on("access", (news) => news.id === watched && sayWatch());
socket.on("session_ended", () => crm.tell("live:ended"));

// A server that hangs up either restarts or does not know us any more: the pulse tells which.
async function askWhy() {
  await pulse();
  if (!ended) setTimeout(() => socket.connect(), 1000);
}

async function pulse() {
  if (ended) return;
  const id = watched;
  const answer = await crm.ask(`${crm.inbox.dataset.pulse}${id ? `?conversation=${id}` : ""}`);
  if (answer.status === 404 && id && id === watched) return crm.tell("live:shut", { id });
  if (!answer.ok) return;
  const news = JSON.parse(answer.text);
  if (bar) bar.hidden = true;
  if (lastPulse === null ? !socket.connected : news.inbox !== lastPulse) crm.tell("live:inbox");
  lastPulse = news.inbox;
  if (id && id === watched && news.version !== undefined) crm.tell("live:conversation", { id, version: news.version });
  crm.tell("live:pulse");
}

document.addEventListener("live:ended", () => {
  ended = true;
  clearTimeout(lostTimer);
  clearInterval(aloneTimer);
  if (bar) bar.hidden = true;
  socket.disconnect();
});

setInterval(() => document.visibilityState === "visible" && pulse(), PULSE_EVERY);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && pulse());
addEventListener("online", () => {
  if (!socket.connected && !ended) socket.connect();
  pulse();
});
down();

// Voice notes: the button asks for the microphone, records, and lets the recording be heard before it goes. Leaving a
// conversation ends the recording and keeps it there, as long as the page is open. The server makes of it what WhatsApp plays.

const crm = window.crm;
const TYPES = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];
const LONGEST = 15 * 60;
const BARS = 28;

const strip = () => document.getElementById("composer-voice");
const part = (selector) => strip().querySelector(selector);
const form = () => document.querySelector("form#composer");
const said = (word) => {
  const region = document.getElementById("composer-said");
  if (region) region.textContent = region.dataset[word] ?? "";
};
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const canRecord = Boolean(window.MediaRecorder && navigator.mediaDevices?.getUserMedia);

const kept = new Map(); // conversation → { file, seconds }
let recording = null;

// -- Recording -----------------------------------------------------------------------------------------------

async function start() {
  if (recording || !form() || form().dataset.why) return;
  const conversation = crm.opened();
  recording = { conversation };
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } });
  } catch (error) {
    recording = null;
    return crm.composer.say(error.name === "NotFoundError" ? strip().dataset.missing : strip().dataset.denied);
  }
  if (crm.opened() !== conversation || !form()) {
    recording = null;
    return stream.getTracks().forEach((track) => track.stop());
  }
  record(stream, conversation);
}

function record(stream, conversation) {
  const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one)) ?? "";
  const recorder = new MediaRecorder(stream, { ...(type && { mimeType: type }), audioBitsPerSecond: 32_000 });
  const chunks = [];
  recording = { conversation, recorder, stream, began: performance.now(), done: Promise.withResolvers?.() ?? later() };
  const mine = recording;
  recorder.ondataavailable = (event) => event.data.size && chunks.push(event.data);
  recorder.onstop = () => mine.done.resolve(new Blob(chunks, { type: recorder.mimeType.split(";")[0] }));
  recorder.start(1000);
  crm.composer.say("");
  watch(mine);
  show();
  said("recording");
  part("[data-voice='stop']").focus();
}

function later() {
  const made = {};
  made.promise = new Promise((resolve) => (made.resolve = resolve));
  return made;
}

const secondsOf = (one) => (performance.now() - one.began) / 1000;

// Time and loudness, as long as it records.
function watch(mine) {
  const sound = new AudioContext();
  const meter = sound.createAnalyser();
  meter.fftSize = 512;
  sound.createMediaStreamSource(mine.stream).connect(meter);
  const wave = new Uint8Array(meter.fftSize);
  const levels = new Array(BARS).fill(0);
  const tick = () => {
    if (recording !== mine || mine.ended) return sound.close();
    meter.getByteTimeDomainData(wave);
    levels.push(Math.max(...wave.map((value) => Math.abs(value - 128))) / 128);
    levels.shift();
    paint(levels, secondsOf(mine));
    if (secondsOf(mine) >= LONGEST) return stop();
    setTimeout(tick, 100);
  };
  tick();
}

function paint(levels, seconds) {
  if (!strip()) return;
  part(".voice-time").textContent = clock(seconds);
  const bars = part(".voice-level");
  while (bars.childElementCount < BARS) bars.append(document.createElement("i"));
  levels.forEach((level, at) => bars.children[at].style.setProperty("--level", Math.min(1, 0.08 + level * 1.6).toFixed(2)));
}

// Ends the recording; what was recorded waits in its conversation. Returns it.
async function stop() {
  const mine = recording;
  if (!mine?.recorder || mine.ended) return kept.get(crm.opened());
  mine.ended = true;
  const seconds = secondsOf(mine);
  mine.recorder.stop();
  mine.stream.getTracks().forEach((track) => track.stop());
  const blob = await mine.done.promise;
  const name = `${strip()?.dataset.name ?? "voz"}.${blob.type.includes("mp4") ? "m4a" : blob.type.includes("ogg") ? "ogg" : "webm"}`;
  const found = { file: new File([blob], name, { type: blob.type }), seconds };
  if (recording === mine) recording = null;
  if (!mine.dropped) kept.set(mine.conversation, found);
  show();
  if (!mine.dropped && mine.conversation === crm.opened()) said("stopped");
  return found;
}

// -- The strip -----------------------------------------------------------------------------------------------

let link = null;

function show() {
  if (!strip()) return;
  const live = recording?.recorder && !recording.ended && recording.conversation === crm.opened();
  const found = kept.get(crm.opened());
  strip().hidden = !live && !found;
  form()?.classList.toggle("is-recording", !strip().hidden);
  part(".voice-live").hidden = !live;
  part("[data-voice='stop']").hidden = !live;
  part(".voice-heard").hidden = Boolean(live);
  if (!live && found) hear(found);
}

function hear({ file, seconds }) {
  if (link?.file === file && part("audio").src === link.url) return;
  if (link) URL.revokeObjectURL(link.url);
  link = { file, url: URL.createObjectURL(file) };
  part(".player").dataset.seconds = seconds;
  part("audio").src = link.url;
  part(".player-time").textContent = clock(seconds);
}

function drop() {
  if (recording?.recorder) {
    recording.dropped = true;
    stop();
  }
  part("audio").pause();
  kept.delete(crm.opened());
  show();
  said("dropped");
  document.getElementById("composer-body").focus();
}

async function send() {
  const conversation = crm.opened();
  const found = await stop();
  if (!found || conversation !== crm.opened()) return;
  part("audio").pause();
  kept.delete(conversation);
  show();
  said("");
  crm.composer.sendVoice(found.file);
}

const ACTS = { start, stop: () => stop().then(() => part("[data-voice='send']").focus()), drop, send };

document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-voice]")?.dataset.voice;
  if (act && strip()) ACTS[act]();
});

// A recording that was refused comes back to where it can be heard and sent again.
crm.voice = {
  give(file) {
    kept.set(crm.opened(), { file, seconds: Number(part(".player").dataset.seconds) || 0 });
    show();
  },
};

function ready() {
  const button = document.querySelector("[data-voice='start']");
  if (button) button.hidden = !canRecord;
  show();
}

document.addEventListener("inbox:leaving", stop);
document.addEventListener("inbox:opened", ready);
document.addEventListener("composer:renewed", ready);
addEventListener("beforeunload", (event) => {
  if (recording?.recorder || kept.size) event.preventDefault();
});
ready();

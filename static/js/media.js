// Recordings and pictures. One recording plays at a time, at the speed last chosen. A picture opens at full size over the
// page, with the others of the thread beside it; a click zooms, Esc or a click beside it closes.

const crm = window.crm;
const SPEEDS = [1, 1.5, 2];

// -- Recordings ----------------------------------------------------------------------------------------------

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function length(player) {
  const { duration } = player.querySelector("audio");
  return Number.isFinite(duration) && duration > 0 ? duration : Number(player.dataset.seconds) || 0;
}

function paint(player) {
  const audio = player.querySelector("audio");
  const all = length(player);
  const seek = player.querySelector(".player-seek");
  seek.max = all || 1;
  if (!player.dataset.dragging) seek.value = audio.currentTime;
  seek.style.setProperty("--done", `${all ? (seek.value / all) * 100 : 0}%`);
  const words = player.dataset.of.replace("{at}", clock(seek.value)).replace("{all}", clock(all));
  player.querySelector(".player-time").textContent = words;
  seek.setAttribute("aria-valuetext", words);
}

function showPlaying(player, playing) {
  const button = player.querySelector(".player-play");
  player.classList.toggle("is-playing", playing);
  button.setAttribute("aria-label", playing ? button.dataset.pause : button.dataset.play);
}

async function toggle(player) {
  const audio = player.querySelector("audio");
  if (!audio.paused) return audio.pause();
  document.querySelectorAll("[data-player] audio").forEach((other) => other !== audio && other.pause());
  setSpeed(player, crm.kept("speed") ?? 1);
  try {
    await audio.play();
  } catch {
    crm.toast(crm.inbox.dataset.problem);
  }
}

function setSpeed(player, speed) {
  player.querySelector("audio").playbackRate = speed;
  player.querySelector(".player-speed").textContent = `${speed.toLocaleString(document.documentElement.lang)}×`;
}

function faster(player) {
  const now = player.querySelector("audio").playbackRate;
  const speed = SPEEDS[(SPEEDS.indexOf(now) + 1) % SPEEDS.length];
  crm.keep("speed", speed);
  setSpeed(player, speed);
}

const playerOf = (event) => event.target.closest?.("[data-player]");

for (const name of ["play", "pause", "ended", "timeupdate", "loadedmetadata"]) {
  document.addEventListener(name, (event) => {
    const player = playerOf(event);
    if (!player) return;
    showPlaying(player, !event.target.paused && !event.target.ended);
    if (name === "ended") event.target.currentTime = 0;
    paint(player);
  }, true);
}

document.addEventListener("input", (event) => {
  if (!event.target.matches(".player-seek")) return;
  const player = playerOf(event);
  const audio = player.querySelector("audio");
  if (audio.readyState === 0) audio.load();
  audio.currentTime = Number(event.target.value);
  paint(player);
});

// -- Pictures ------------------------------------------------------------------------------------------------

const box = document.getElementById("lightbox");
const image = box.querySelector("img");
const stage = box.querySelector(".lightbox-stage");
let shown = null;

const pictures = () => [...document.querySelectorAll("#messages a[data-zoom]")];

function show(link) {
  shown = link;
  stage.classList.remove("is-zoomed");
  image.src = link.href;
  image.alt = link.querySelector("img").alt;
  box.querySelector("[data-caption]").textContent = link.dataset.caption;
  box.querySelector("[data-lightbox-download]").href = link.dataset.download;
  const all = pictures();
  box.querySelector("[data-lightbox='previous']").disabled = all.indexOf(link) <= 0;
  box.querySelector("[data-lightbox='next']").disabled = all.indexOf(link) >= all.length - 1;
  if (!box.open) box.showModal();
}

function step(by) {
  const next = pictures()[pictures().indexOf(shown) + by];
  if (next) show(next);
}

box.addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") step(-1);
  if (event.key === "ArrowRight") step(1);
});
box.addEventListener("close", () => {
  image.removeAttribute("src");
  shown?.focus();
});

const ACTS = { close: () => box.close(), previous: () => step(-1), next: () => step(1), zoom: () => stage.classList.toggle("is-zoomed") };

document.addEventListener("click", (event) => {
  const part = event.target.closest("[data-lightbox]");
  if (part) return ACTS[part.dataset.lightbox]();
  const picture = event.target.closest("a[data-zoom]");
  if (picture && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    return show(picture);
  }
  const player = playerOf(event);
  if (player && event.target.closest(".player-play")) toggle(player);
  if (player && event.target.closest(".player-speed")) faster(player);
});

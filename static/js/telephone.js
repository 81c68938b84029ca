/* The customer's telephone. It keeps the open chat fresh, says when it is read, and sends what is pressed or typed.
   Everything shown comes from the server; the lists exchange only the rows that changed. */

const csrf = document.querySelector('meta[name="csrf-token"]').content
const headers = { "X-CSRFToken": csrf, "X-Requested-With": "telephone" }
const thread = document.getElementById("tel-thread")
const composer = document.getElementById("tel-composer")
const problem = document.getElementById("tel-problem")

/* Lists that ask for themselves */

function exchange(list, html) {
  const fresh = new DOMParser().parseFromString(`<ul>${html}</ul>`, "text/html").body.firstChild
  const below = list.scrollHeight - list.scrollTop - list.clientHeight < 80
  const wanted = new Set([...fresh.children].map((row) => row.id))
  for (const row of [...list.children]) if (!wanted.has(row.id)) row.remove()
  let place = list.firstElementChild
  for (const row of [...fresh.children]) {
    const old = document.getElementById(row.id)
    if (old && sameRow(old, row)) {
      if (old === place) place = place.nextElementSibling
      else list.insertBefore(old, place)
    } else {
      if (old === place) place = place?.nextElementSibling ?? null
      old?.remove()
      list.insertBefore(row, place)
    }
  }
  if (below) list.scrollTop = list.scrollHeight
}

/* What a person opened stays open while the row around it is the same. */
function sameRow(old, row) {
  const copy = old.cloneNode(true)
  for (const open of copy.querySelectorAll("details[open]")) open.removeAttribute("open")
  return copy.isEqualNode(row)
}

async function refresh(list) {
  const answer = await fetch(list.dataset.poll, { headers: { "X-Requested-With": "telephone" } })
  if (answer.ok) exchange(list, await answer.text())
}

async function keepFresh(list) {
  try {
    if (!document.hidden) await refresh(list)
    if (!document.hidden && list.querySelector("[data-unread]")) await fetch(list.dataset.read, { method: "POST", headers })
  } catch { /* the server is away; the next round asks again */ }
  setTimeout(keepFresh, Number(list.dataset.every), list)
}

for (const list of document.querySelectorAll("[data-poll]")) keepFresh(list)

/* The end of the thread stays in view while pictures arrive, unless somebody scrolled up. */
if (thread) {
  let following = true
  const follow = () => { if (following) thread.scrollTop = thread.scrollHeight }
  thread.addEventListener("scroll", () => { following = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80 })
  thread.addEventListener("load", follow, true)
  thread.addEventListener("loadedmetadata", follow, true)
  new ResizeObserver(follow).observe(thread)
  follow()
}

/* Sending */

async function send(body) {
  const json = !(body instanceof FormData)
  const how = json ? { body: JSON.stringify(body), headers: { ...headers, "Content-Type": "application/json" } } : { body, headers }
  try {
    const answer = await fetch(composer.action, { method: "POST", ...how })
    const text = await answer.text()
    if (!answer.ok) return complain(answer.status === 422 ? text : problem.dataset.offline)
    problem.hidden = true
    exchange(thread, text)
    thread.scrollTop = thread.scrollHeight
    return true
  } catch {
    return complain(problem.dataset.offline)
  }
}

function complain(sentence) {
  problem.textContent = sentence
  problem.hidden = false
  return false
}

/* What goes with the next message: a quoted one, and the advertisement it came from. */
function extras() {
  const more = {}
  if (composer.dataset.quote) more.reply_to = composer.dataset.quote
  if (document.getElementById("tel-ad").checked) {
    more.referral = {
      source_url: "https://fb.me/anuncio", source_id: "120210000000000001", source_type: "ad",
      headline: "Apartamentos en Chapinero", body: "Agenda tu visita", media_type: "image", ctwa_clid: "clic-de-prueba",
    }
  }
  return more
}

function spent() {
  document.getElementById("tel-ad").checked = false
  quote(null)
}

function quote(button) {
  const strip = composer.querySelector(".tel-quoting")
  strip.hidden = !button
  composer.dataset.quote = button?.dataset.quote ?? ""
  strip.firstElementChild.textContent = button?.dataset.words ?? ""
  if (button) composer.elements.text.focus()
}

async function sendText() {
  const field = composer.elements.text
  const text = field.value.trim()
  if (!text) return
  field.value = ""
  grow(field)
  if (await send({ text, ...extras() })) spent()
  else field.value ||= text
}

async function sendFile(file, order) {
  const form = new FormData()
  form.set("file", file, file.name)
  form.set("order", JSON.stringify({ ...order, ...extras() }))
  if (await send(form)) spent()
}

function grow(field) {
  field.rows = Math.min(6, field.value.split("\n").length)
}

if (composer) {
  composer.addEventListener("submit", (event) => { event.preventDefault(); sendText() })
  composer.elements.text.addEventListener("input", (event) => grow(event.target))
  composer.elements.text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); sendText() }
  })
  composer.addEventListener("change", async (event) => {
    if (!event.target.matches("[data-file]") || !event.target.files.length) return
    close(event.target)
    const type = event.target.dataset.file
    await sendFile(event.target.files[0], { ...(type && { type }), caption: composer.elements.text.value.trim() })
    composer.elements.text.value = event.target.value = ""
  })
}

function close(inside) {
  inside.closest("details[open]")?.removeAttribute("open")
}

document.addEventListener("click", async (event) => {
  const pressed = event.target.closest("[data-order], [data-quote], [data-unquote]")
  for (const open of document.querySelectorAll(".tel-more[open], .tel-attach[open], .tel-list[open]")) {
    if (!open.contains(event.target)) open.removeAttribute("open")
  }
  if (!pressed) return
  close(pressed)
  if (pressed.dataset.order) {
    const fromMenu = composer.contains(pressed)
    if (await send({ ...JSON.parse(pressed.dataset.order), ...(fromMenu && extras()) }) && fromMenu) spent()
  } else {
    quote(pressed.dataset.quote ? pressed : null)
  }
})

/* Voice */

let recorder = null

async function record(button) {
  if (recorder) return recorder.stop()
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } })
    recorder = new MediaRecorder(stream)
  } catch {
    return complain(problem.dataset.mute)
  }
  const pieces = []
  recorder.ondataavailable = (event) => pieces.push(event.data)
  recorder.onstop = async () => {
    for (const track of recorder.stream.getTracks()) track.stop()
    const type = recorder.mimeType.split(";")[0]
    recorder = null
    button.setAttribute("aria-pressed", "false")
    await sendFile(new File(pieces, `nota.${type.split("/")[1]}`, { type }), { type: "audio", voice: true })
  }
  recorder.start()
  button.setAttribute("aria-pressed", "true")
}

document.querySelector("[data-record]")?.addEventListener("click", (event) => record(event.currentTarget))

/* The network's knobs, and the clock in the corner */

document.querySelector("[data-knobs]")?.addEventListener("change", (event) => {
  const { name, type, checked, value, dataset, form } = event.target
  const setting = type !== "checkbox" ? Number(value) : dataset.number ? Number(checked) * Number(dataset.number) : checked
  fetch(form.dataset.knobs, { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify({ [name]: setting }) })
})

function tell() {
  const clock = document.querySelector("[data-clock]")
  const style = { hour: "numeric", minute: "2-digit", hour12: false, timeZone: clock.dataset.clock }
  clock.textContent = new Date().toLocaleTimeString(document.documentElement.lang, style)
  setTimeout(tell, 10_000)
}
tell()

// What is known of a person, corrected where it stands: Enter saves, Esc takes back. What is being written belongs to the
// hand that writes it: until it is saved or taken back, no fragment from the server touches it (hx-morph-skip).

const SKIP = "hx-morph-skip";
const kept = new WeakMap(); // what each field said before it was touched

const factOf = (element) => element.closest?.("form[data-fact]");
const inputOf = (form) => form.elements.value;

document.addEventListener("input", (event) => {
  const form = factOf(event.target);
  if (!form) return;
  if (!kept.has(form)) kept.set(form, inputOf(form).defaultValue);
  form.toggleAttribute(SKIP, inputOf(form).value !== kept.get(form));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const form = factOf(event.target);
  if (form) takeBack(form);
  else if (!shut(event.target.closest?.("details[data-editing][open]"))) return;
  event.preventDefault();
}, true);

function takeBack(form) {
  const input = inputOf(form);
  if (kept.has(form)) input.value = input.defaultValue = kept.get(form);
  settle(form);
  input.removeAttribute("aria-invalid");
  form.querySelector(".field-error")?.remove();
  input.blur();
}

function settle(form) {
  kept.delete(form);
  form.removeAttribute(SKIP);
}

function shut(details) {
  if (!details) return false;
  details.querySelector("form").reset();
  details.open = false;
  details.removeAttribute(SKIP);
  details.querySelector("summary").focus();
  return true;
}

// An editor that stands open is as untouchable as a field that is being written, from the very click that opens it.
document.addEventListener("click", (event) => {
  const details = event.target.closest?.("details[data-editing] > summary")?.parentElement;
  details?.toggleAttribute(SKIP, !details.open);
}, true);

// The answer to one's own sending may replace what it was sent from.
document.addEventListener("htmx:before:swap", (event) => {
  const source = event.detail.ctx?.sourceElement;
  if (event.detail.ctx?.response?.status < 400 || factOf(source ?? document.body)) source?.closest?.(`[${SKIP}]`)?.removeAttribute(SKIP);
});

document.addEventListener("htmx:after:swap", (event) => {
  const { sourceElement: source, response } = event.detail.ctx ?? {};
  if (!source?.matches || !response) return;
  const form = source.matches("form[data-fact]") ? document.getElementById(source.id) : null;
  if (form) answered(form, response.status < 400);
  else if (source.matches("[data-clears]") && response.status < 400) empty(source);
});

function answered(form, saved) {
  const input = inputOf(form);
  if (!saved) return form.setAttribute(SKIP, "");
  settle(form);
  input.value = input.defaultValue;
}

function empty(form) {
  form.querySelectorAll("input:not([type='hidden']), textarea").forEach((field) => { field.value = ""; });
}

// "Mine" is a matter of looks; in the inbox wire.js sees to it, on the person's own page this does.
const person = document.querySelector("[data-person]")?.dataset.person;
if (person) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`.if-me[data-user="${CSS.escape(person)}"] { display: block; }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

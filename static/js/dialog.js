// Dialogs: a link to #id with data-dialog opens it; a dangerous button waits until the word asked for is written.

const dialogOf = (link) => document.querySelector(`dialog${link.getAttribute("href")}`);

function open(dialog) {
  const typed = dialog?.querySelector("[data-typed]");
  dialog?.showModal();
  check(typed);
  typed?.focus();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("a[data-dialog]");
  if (opener) {
    event.preventDefault();
    open(dialogOf(opener));
    return;
  }
  const dialog = event.target.closest("dialog");
  if (!dialog) return;
  const closes = event.target.closest("[data-dialog-close]");
  if (!closes && event.target !== dialog) return;
  event.preventDefault();
  if (location.hash === `#${dialog.id}`) history.replaceState(null, "", location.pathname + location.search);
  dialog.close();
});

document.addEventListener("keydown", (event) => {
  if (event.key === " " && event.target.matches?.("a[role='button']")) {
    event.preventDefault();
    event.target.click();
  }
});

function check(field) {
  const submit = field?.form.querySelector("[type='submit']");
  if (submit) submit.disabled = field.value.trim() !== field.dataset.typed;
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-typed]")) check(event.target);
});

// An address that names a dialog (or a page that came back with its errors) opens it as a modal.
const asked = location.hash && document.querySelector(`dialog#${CSS.escape(location.hash.slice(1))}`);
if (asked) {
  history.replaceState(null, "", location.pathname + location.search);
  open(asked);
}
document.querySelectorAll("[data-typed]").forEach(check);

// The steps of a macro: a row moves up or down, or is emptied. The order of the rows is the order of the names they are sent by.

const list = document.querySelector("[data-steps]");

const parts = (row) => [row.querySelector("select"), row.querySelector("textarea")];

function swap(row, other) {
  const theirs = parts(other);
  parts(row).forEach((field, place) => {
    [field.value, theirs[place].value] = [theirs[place].value, field.value];
  });
}

function clear(row) {
  parts(row).forEach((field) => { field.value = ""; });
  for (let next = row.nextElementSibling; next; [row, next] = [next, next.nextElementSibling]) swap(row, next);
}

list?.addEventListener("click", (event) => {
  const step = Number(event.target.closest("[data-move]")?.dataset.move ?? NaN);
  if (Number.isNaN(step)) return;
  const row = event.target.closest(".step");
  if (step === 0) return clear(row);
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other || !parts(other)[0].value) return;
  swap(row, other);
  other.querySelector(`[data-move="${step}"]`).focus();
});

// Putting words where the caret stands, so that the browser's own undo takes them out again.

const crm = window.crm;
const field = () => document.getElementById("composer-body");

function insert(text, from, to) {
  const area = field();
  area.focus();
  area.setSelectionRange(from ?? area.selectionStart, to ?? area.selectionEnd);
  if (document.execCommand("insertText", false, text)) return;
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

// Select the first of these words after a place, to be written over.
function select(words, from) {
  const area = field();
  const at = area.value.indexOf(words, from);
  if (words && at >= 0) area.setSelectionRange(at, at + words.length);
}

// Accents and case do not matter to whoever searches.
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

crm.caret = { insert, select, fold };

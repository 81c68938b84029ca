// The chips under a quick reply's words put a gap where the caret stands.

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-variable]");
  if (!chip) return;
  const area = document.getElementById(chip.dataset.into);
  area.focus();
  if (!document.execCommand("insertText", false, chip.dataset.variable)) {
    area.setRangeText(chip.dataset.variable, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

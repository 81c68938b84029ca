// Forms: the summary of what is wrong takes the focus, and a long form warns before what was typed is lost.

document.querySelector("[data-focus]")?.focus();

let touched = false;

document.addEventListener("input", (event) => {
  if (event.target.closest("[data-warn]")) touched = true;
});

document.addEventListener("submit", () => { touched = false; });

addEventListener("beforeunload", (event) => {
  if (touched) event.preventDefault();
});

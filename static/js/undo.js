// Taking back what has not left: the seconds are painted here, and the server alone decides. The words come back to
// where they were written.

const crm = window.crm;
const TICK = 250;
const deadlines = new WeakMap();

function paint() {
  for (const bar of document.querySelectorAll("[data-undo]")) {
    if (!deadlines.has(bar)) deadlines.set(bar, performance.now() + Number(bar.dataset.left) * 1000);
    const left = Math.ceil((deadlines.get(bar) - performance.now()) / 1000);
    if (left <= 0) {
      bar.remove();
      continue;
    }
    const line = bar.querySelector("[data-words]");
    const words = line.dataset.words.replace("{n}", left);
    if (line.textContent !== words) line.textContent = words;
  }
}

async function undo(bar) {
  bar.querySelector("button").disabled = true;
  const answer = await crm.ask(bar.action, { method: "POST", body: new FormData(bar) });
  if (!answer.ok) {
    bar.querySelector("button").disabled = false;
    return crm.problem(answer);
  }
  await crm.thread.place(answer.text);
  giveBack(crm.parse(answer.text).querySelector("[data-taken-back]").dataset);
}

// Somebody who has begun a note meanwhile keeps a note: what was for the customer must not drag it along.
function giveBack({ body, replyTo, quoteName, quoteWords, said }) {
  const field = document.getElementById("composer-body");
  const busy = field?.value.trim();
  const kind = busy ? field.form.elements.kind.value : "reply";
  const quote = replyTo && { name: quoteName, words: quoteWords };
  if (body || replyTo) crm.composer.append({ body, kind, reply_to: replyTo, ...(quote && { quote }) });
  if (said) crm.toast(said, "info");
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-undo]")) return;
  event.preventDefault();
  undo(event.target);
});

setInterval(paint, TICK);

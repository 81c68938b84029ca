// Quick replies: `/` and a word find them, Enter puts one where the caret stands, its file beside it. What could not be
// filled in is selected, and pointed out once before it goes.

const crm = window.crm;
const GAP = /\{\{[^{}]*\}\}/g;

const field = () => document.getElementById("composer-body");
const form = () => document.querySelector("form#composer");
const kind = () => form()?.elements.kind?.value;

let warned = "";

crm.suggest.offer("/", {
  waits: true,
  when: () => kind() === "reply",
  async find(query) {
    const answer = await crm.ask(`${document.getElementById("thread").dataset.url}/quick-replies?q=${encodeURIComponent(query)}`);
    return answer.ok ? [...crm.parse(answer.text).children].map((node) => document.importNode(node, true)) : [];
  },
  take(item, start, end) {
    const { body, left, used } = item.dataset;
    crm.caret.insert(body, start, end);
    if (left) crm.caret.select(left.split("\n")[0], start);
    if (item.dataset.quick) crm.files.give([fileOf(item)]);
    crm.ask(used, { method: "POST" });
  },
});

// A file the server has already: nothing is uploaded, it is named.
const fileOf = ({ dataset }) => ({ name: dataset.name, size: Number(dataset.size), type: dataset.type, quick: dataset.quick, face: dataset.face ?? "" });

// The sentence about gaps that would go out as they are; nothing the second time the same words are sent.
function gapsIn(body) {
  const gaps = [...new Set(body.match(GAP) ?? [])];
  if (!gaps.length || warned === body) {
    warned = "";
    return "";
  }
  warned = body;
  crm.caret.select(gaps[0], 0);
  return form().dataset.gaps.replace("{gaps}", gaps.join(", "));
}

crm.quick = { gapsIn };

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-quick-open]") && field()) crm.suggest.begin("/");
});

// Mentions: `@` in a note offers the colleagues who may see the conversation. Whom the words still name when the note goes is
// sent along by id; the server looks for itself. A mention of oneself is heard wherever one is.

const crm = window.crm;
const form = () => document.querySelector("form#composer");
const kind = () => form()?.elements.kind?.value;
const url = () => document.getElementById("thread").dataset.url;

let people = { id: null, list: null };

// Asked once for each conversation, when it is first needed.
function colleagues() {
  if (people.id !== crm.opened() || !people.list) people = { id: crm.opened(), list: fetchThem() };
  return people.list;
}

async function fetchThem() {
  const answer = await crm.ask(`${url()}/colleagues`);
  people.known = answer.ok ? [...crm.parse(answer.text).querySelectorAll("[role='option']")].map((node) => document.importNode(node, true)) : [];
  people.title = answer.ok ? crm.parse(answer.text).querySelector("[role='listbox']").getAttribute("aria-label") : "";
  if (!answer.ok) people.list = null;
  return people.known;
}

const begins = (name, query) => name.split(/\s+/).some((word, at, all) => all.slice(at).join("").startsWith(query));

crm.suggest.offer("@", {
  waits: true,
  when: () => kind() === "note",
  async find(query) {
    const wanted = crm.caret.fold(query);
    const found = (await colleagues()).filter((item) => begins(crm.caret.fold(item.dataset.name), wanted)).slice(0, 8);
    if (!found.length) return [];
    const list = document.createElement("div");
    list.className = "suggest-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", people.title);
    list.append(...found.map((item) => item.cloneNode(true)));
    return [list];
  },
  take(item, start, end) {
    crm.caret.insert(`@${item.dataset.name} `, start, end);
  },
});

// The ids of those a note names, with commas between them. A note that was restored may name people nobody asked for yet.
crm.mentions = {
  in: (body) => (people.id === crm.opened() ? (people.known ?? []) : []).filter((item) => body.includes(`@${item.dataset.name}`)).map((item) => item.dataset.id).join(","),
};

function recall() {
  const area = document.getElementById("composer-body");
  if (area && kind() === "note" && area.value.includes("@")) colleagues();
}
document.addEventListener("inbox:opened", recall);
recall();

// A note that was saved may say whom it could not reach.
document.addEventListener("outbox:sent", (event) => {
  const notice = crm.parse(event.detail.text).querySelector("[data-notice]");
  if (notice) crm.toast(notice.textContent, "info");
});

crm.live?.socket?.on("mention", ({ id }) => {
  crm.tell("live:mention", { id });
  if (id === crm.opened() && document.visibilityState === "visible") crm.ask(`${url()}/reading`, { method: "POST" });
  else crm.tell("toast", { text: crm.inbox.dataset.mentioned, kind: "info", link: wayTo(id) });
});

function wayTo(id) {
  const link = document.createElement("a");
  link.href = `${crm.inbox.dataset.home}/${id}`;
  link.dataset.conversation = id;
  link.dataset.toastClose = "";
  link.textContent = crm.inbox.dataset.open;
  return link;
}

const sheet = new CSSStyleSheet();
sheet.replaceSync(`.mention[data-user="${CSS.escape(crm.me)}"] { background: var(--amber-fill); color: #241a05; }`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

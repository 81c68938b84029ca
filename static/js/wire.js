// The inbox's way to the server. `crm.ask` never throws: no answer is status 0, and a session that ended is told once,
// as the event `live:ended`. `crm.swap` puts a fragment into the page with htmx, so that what it brings is alive.

const crm = (window.crm ??= {});
const PATIENCE = 20_000;

crm.inbox = document.getElementById("inbox");
crm.me = crm.inbox.dataset.user;

const token = () => document.querySelector("meta[name='csrf-token']").content;

crm.headers = () => ({ "X-Requested-With": "fetch", "X-CSRFToken": token() });

crm.tell = (name, detail = {}) => document.dispatchEvent(new CustomEvent(name, { detail }));

crm.ask = async (url, { method = "GET", body } = {}) => {
  try {
    const response = await fetch(url, { method, body, headers: crm.headers(), signal: AbortSignal.timeout(PATIENCE) });
    return crm.answer(response.status, await response.text(), response.headers);
  } catch {
    return crm.answer(0, "");
  }
};

crm.answer = (status, text, headers = new Headers()) => {
  if (status === 401) crm.tell("live:ended");
  return { status, text, headers, ok: status >= 200 && status < 300 };
};

// The refusals of the server are toasts; their sentence can also be said where the person is looking.
crm.sentence = (text) => crm.parse(text).querySelector(".toast p, [data-sentence]")?.textContent.trim() ?? "";

crm.parse = (html) => new DOMParser().parseFromString(html, "text/html").body;

crm.swap = (target, html, style = "outerMorph") => window.htmx.swap({ text: html, target, swap: style, sourceElement: document.body });

crm.toast = (text, kind = "error") => crm.tell("toast", { text, kind });

crm.problem = (answer) => crm.toast(crm.sentence(answer.text) || crm.inbox.dataset.problem);

// First at once, then at most once per `wait`; the last call is never lost.
crm.throttle = (act, wait) => {
  let timer = null;
  let again = false;
  const rest = () => {
    timer = null;
    if (again) run();
  };
  const run = () => {
    again = false;
    timer = setTimeout(rest, wait);
    act();
  };
  return () => (timer ? (again = true) : run());
};

// One at a time: called while it runs, `act` runs once more when it is done, so the last call always sees the newest.
crm.serial = (act) => {
  let running = false;
  let again = false;
  const run = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      do {
        again = false;
        await act();
      } while (again);
    } finally {
      running = false;
    }
  };
  return run;
};

// What is kept in this browser is kept per person: the next one at this desk must not find it.
const key = (name) => `crm:${crm.me}:${name}`;

crm.keep = (name, value) => {
  try {
    if (value === null) localStorage.removeItem(key(name));
    else localStorage.setItem(key(name), JSON.stringify(value));
  } catch {
    // Full or forbidden: the page works, it only forgets.
  }
};

crm.kept = (name) => {
  try {
    return JSON.parse(localStorage.getItem(key(name)));
  } catch {
    return null;
  }
};

// "Mine" is a matter of looks: one sheet marks everything that carries this person's id, in whatever comes later too.
const sheet = new CSSStyleSheet();
const mine = `[data-user="${CSS.escape(crm.me)}"]`;
sheet.replaceSync(`
  ${mine} > .avatar { background: var(--acc); color: var(--on-acc); }
  .if-me${mine}, ${mine} > .if-me { display: inline; }
  ${mine} > .if-other { display: none; }
  .owner-list > ${mine} { order: -1; }
`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

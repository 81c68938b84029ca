// What hangs on the head of the list: the sheet of filters, fetched when it is opened, and the dialog that keeps a view.
// While one of its menus is open the list is not drawn anew; it is as soon as the menu is closed.

const crm = window.crm;

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.("#inbox-list details")) return;
  if (menu.id === "filter-menu" && menu.open) fill(menu.querySelector(".filter-sheet"));
  if (!menu.open) crm.refreshList();
}, true);

async function fill(sheet) {
  const answer = await crm.ask(sheet.dataset.url);
  if (!answer.ok) return crm.problem(answer);
  sheet.innerHTML = "";
  await crm.swap(sheet, answer.text, "innerHTML");
  if (sheet.closest("details").open) sheet.querySelector("input, select")?.focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-list-form]")) {
    event.preventDefault();
    const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    crm.choose(`${form.action}?${asked}`);
  } else if (form.matches("[data-view-form]")) {
    event.preventDefault();
    keep(form, event.submitter);
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-view-dialog]");
  if (!link) return;
  event.preventDefault();
  edit(link.href);
});

async function edit(url) {
  const answer = await crm.ask(url);
  if (!answer.ok) return crm.problem(answer);
  document.getElementById("view-dialog")?.remove();
  document.querySelectorAll("#views-menu[open]").forEach((menu) => { menu.open = false; });
  await crm.swap(crm.inbox, answer.text, "beforeend");
  document.getElementById("view-dialog").showModal();
}

async function keep(form, button) {
  const answer = await crm.ask(button?.getAttribute("formaction") ?? form.action, { method: "POST", body: new FormData(form) });
  if (!answer.ok) {
    const problem = form.querySelector("#view-problem");
    problem.querySelector("span").textContent = crm.sentence(answer.text) || crm.inbox.dataset.problem;
    problem.hidden = false;
    form.elements.name.focus();
    return;
  }
  form.closest("dialog").remove();
  crm.toast(answer.text, "success");
  crm.choose(answer.headers.get("X-Address"));
}

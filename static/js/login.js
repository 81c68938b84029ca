// A demonstration account writes itself into the form and leaves the rest to the person.

document.addEventListener("click", (event) => {
  const account = event.target.closest("[data-demo-email]");
  if (!account) return;
  const form = document.querySelector(".login-form form");
  form.elements.email.value = account.dataset.demoEmail;
  form.elements.password.value = account.dataset.demoPassword;
  document.querySelectorAll("[data-demo-email]").forEach((other) => other.setAttribute("aria-pressed", String(other === account)));
  form.querySelector("[type='submit']").focus();
});

import type { Api } from "./api";
import { byId, fieldsOf, onSubmit, within } from "./dom";

/** The form to sign in and to register with. */
export function setUpEntry(api: Api, onSignedIn: (email: string) => void): void {
  const form = byId("entry", HTMLFormElement);
  const submit = within(form, 'button[type="submit"]', HTMLButtonElement);
  let registering = false;

  const show = () => {
    const action = registering ? "Register" : "Sign in";
    byId("entry-title").textContent = action;
    submit.textContent = action;
    byId("entry-question").textContent = registering ? "Registered already?" : "New here?";
    byId("entry-other").textContent = registering ? "Sign in" : "Register";
    for (const part of form.querySelectorAll<HTMLElement>("[data-registering]")) part.hidden = !registering;
    for (const name of form.querySelectorAll<HTMLInputElement>(".pair input")) name.required = registering;
    const password = within(form, '[name="password"]', HTMLInputElement);
    password.autocomplete = registering ? "new-password" : "current-password";
    within(form, '[role="alert"]').textContent = "";
  };
  byId("entry-other").addEventListener("click", () => {
    registering = !registering;
    show();
  });
  onSubmit(form, async () => {
    const { email = "", password = "", firstName, lastName } = fieldsOf(form);
    if (registering) await api.register({ email, password, firstName, lastName });
    await api.signIn(email, password);
    registering = false;
    form.reset();
    show();
    onSignedIn(email);
  });
}

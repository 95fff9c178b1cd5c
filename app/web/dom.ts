/** The element that the document has under an id. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as T;
}

/** The first element inside that a selector finds. */
export function within<T extends Element = HTMLElement>(parent: ParentNode, selector: string): T {
  const found = parent.querySelector<T>(selector);
  if (found === null) throw new Error(`the page has no ${selector} where one is needed`);
  return found;
}

/** A new element with text or elements inside. Text is never read as HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** What a form holds, trimmed, by field. */
export const fieldsOf = (form: HTMLFormElement): Record<string, string> =>
  Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));

/**
 * Submits a form by `work`: its button waits meanwhile, and what goes wrong is shown in its alert.
 */
export function onSubmit(form: HTMLFormElement, work: () => Promise<void>): void {
  const alert = within(form, '[role="alert"]');
  const button = within<HTMLButtonElement>(form, 'button[type="submit"]');
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    alert.textContent = "";
    button.disabled = true;
    void work()
      .catch((error: unknown) => {
        alert.textContent = messageOf(error);
      })
      .finally(() => {
        button.disabled = false;
      });
  });
}

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

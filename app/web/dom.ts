type Kind<T extends Element> = abstract new () => T;

/** The element that the document has under an id, and its kind where that matters. */
export function byId(id: string): HTMLElement;
export function byId<T extends HTMLElement>(id: string, kind: Kind<T>): T;
export function byId(id: string, kind: Kind<HTMLElement> = HTMLElement): HTMLElement {
  return within(document, `#${id}`, kind);
}

/** The first element inside that a selector finds, and its kind where that matters. */
export function within(parent: ParentNode, selector: string): HTMLElement;
export function within<T extends HTMLElement>(parent: ParentNode, selector: string, kind: Kind<T>): T;
export function within(parent: ParentNode, selector: string, kind: Kind<HTMLElement> = HTMLElement): HTMLElement {
  const found = parent.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} at ${selector}`);
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
  Object.fromEntries(
    [...new FormData(form)].map(([name, value]) => [name, typeof value === "string" ? value.trim() : ""]),
  );

/**
 * Submits a form by `work`: its button waits meanwhile, and what goes wrong is shown in its alert. A form that is reset is as
 * it was at first, whatever is still under way.
 */
export function onSubmit(form: HTMLFormElement, work: () => Promise<void>): void {
  const alert = within(form, '[role="alert"]');
  const button = within(form, 'button[type="submit"]', HTMLButtonElement);
  form.addEventListener("reset", () => {
    alert.textContent = "";
    button.disabled = false;
  });
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

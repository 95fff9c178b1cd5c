/** Why a text is not the address of a server, in the way the platform's settings give one. */
export type AddressProblem =
  /** No http:// or https:// address. */
  | "NOT_HTTP"
  /** It carries a user or a password, which belong elsewhere. */
  | "CREDENTIALS"
  /** More follows than may: a path, a query or a fragment, also an empty one (`?`, `#`), to which a path would be appended. */
  | "MORE";

/**
 * The one rule of such addresses, for the environments' configuration and for the services' own.
 * @param most what may stand behind scheme, host and port
 */
export function addressProblem(text: string, most: "host" | "path"): AddressProblem | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return "NOT_HTTP";
  const { username, password } = new URL(text);
  if (username !== "" || password !== "") return "CREDENTIALS";
  // By the text: what a parser leaves out, such as an empty query or a tab, is passed on all the same.
  const allowed = most === "host" ? /^https?:\/\/[^/?#@\\\s]+\/?$/i : /^https?:\/\/[^/?#@\\\s]+(\/[^?#\\\s]*)?$/i;
  return allowed.test(text) ? undefined : "MORE";
}

import { fieldsOf, storable } from "./envelope";
import type { Envelope } from "./envelope";
import { fold } from "./fold";

/** The words with which ModifyOrder and DeleteOrder say that a request was taken. */
const known = new Set(["iyilesok", "success"]);

export type Acknowledgement =
  | { readonly outcome: "taken" }
  /** `success: true` can carry a refusal, in `message` or in the content, as text or in its `message`. */
  | { readonly outcome: "refused"; readonly text: string }
  /** Neither a known word nor a text. */
  | { readonly outcome: "unreadable" };

/**
 * What an answer says, wherever it stands: in the content as text, in the content's `message`, in its own `message`.
 * Only text is words: a content of `true` or `1` neither refuses nor takes anything.
 */
export function textsOf({ message, content }: Envelope): string[] {
  const fields = fieldsOf(content);
  const said = fields ? fields.get("message") : content;
  return [typeof said === "string" ? storable(said) : "", message].filter((text) => text.trim() !== "");
}

/** Anything but the known words is a refusal. */
export function acknowledgementOf(answer: Envelope): Acknowledgement {
  const said = textsOf(answer);
  const refusal = said.find((text) => !known.has(fold(text)));
  if (refusal !== undefined) return { outcome: "refused", text: refusal };
  return { outcome: said.length > 0 ? "taken" : "unreadable" };
}

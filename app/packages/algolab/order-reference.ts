import { fold } from "./fold";

/** The broker's reference of an order: `001VEV`, the text before the first semicolon. */
const reference = /referans\s+numaran[ıiI]z\s*:\s*(\w+)\s*;/iu;

/**
 * The reference in a text of an answer to SendOrder: `Referans Numaranız: 001VEV;0000-2923NR-IET - HISSEOK`.
 * Undefined when there is none.
 */
export function orderReference(text: string): string | undefined {
  return reference.exec(text)?.[1];
}

/** Whether a text may acknowledge an order, in whatever form: an order that lives is never taken for refused. */
export const mayAcknowledge = (text: string): boolean => /hisseok|referans\s+no|referans\s+numara/.test(fold(text));

/** The content with which the broker acknowledges an order. */
export function formatOrderReference(id: string, transactionId: string): string {
  return `Referans Numaranız: ${id};${transactionId} - HISSEOK`;
}

/** The broker's reference of an order: `001VEV`, the text before the first semicolon. */
const reference = /Referans Numaranız:\s*(\w+);/;

/**
 * The reference in a text of an answer to SendOrder: `Referans Numaranız: 001VEV;0000-2923NR-IET - HISSEOK`.
 * Undefined when there is none.
 */
export function orderReference(text: string): string | undefined {
  return reference.exec(text)?.[1];
}

/** The content with which the broker acknowledges an order. */
export function formatOrderReference(id: string, transactionId: string): string {
  return `Referans Numaranız: ${id};${transactionId} - HISSEOK`;
}

/** The broker's reference of an order: `001VEV`, the text before the first semicolon. */
const reference = /Referans Numaranız:\s*(\w+);/;

/**
 * The reference in the content of an answer to SendOrder: `Referans Numaranız: 001VEV;0000-2923NR-IET - HISSEOK`.
 * Undefined when there is none, which is a refusal even under `success: true`.
 */
export function orderReference(content: unknown): string | undefined {
  return typeof content === "string" ? reference.exec(content)?.[1] : undefined;
}

/** The content with which the broker acknowledges an order. */
export function formatOrderReference(id: string, transactionId: string): string {
  return `Referans Numaranız: ${id};${transactionId} - HISSEOK`;
}

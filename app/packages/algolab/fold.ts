/**
 * A Turkish word as it compares: without case, without the marks of its letters, and with one i. `ALIŞ`, `Alış` and
 * `alis` are the same; plain case mapping makes `ALIŞ` and `Alış` differ, because I is the capital of ı.
 */
export function fold(text: string): string {
  return text.trim().normalize("NFKD").replace(/\p{M}/gu, "").replaceAll("ı", "i").toLowerCase();
}

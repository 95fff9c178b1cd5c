import { istanbulDate } from "../bist/calendar";

/** References run on over days in this order: FOZZ9Z, FO0AAA. */
const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const length = 6;
/** `FOAAAA`: where a new simulator begins. */
const first = numberOf("FOAAAA");

function numberOf(reference: string): number {
  return Array.from(reference).reduce((number, digit) => number * digits.length + digits.indexOf(digit), 0);
}

/** The reference of the n-th order, counted from 0: six characters, such as `FO1AB2`. */
export function referenceOf(order: number): string {
  let left = first + order;
  let reference = "";
  for (let place = 0; place < length; place++) {
    reference = (digits[left % digits.length] ?? "") + reference;
    left = Math.floor(left / digits.length);
  }
  return reference;
}

/** The exchange's id of the n-th order, in the form of 2024 or of 2022. */
export function transactionIdOf(form: "2024" | "2022", order: number, at: Date): string {
  if (form === "2022") return `0000-${(0x2923a0 + order).toString(36).toUpperCase().padStart(6, "2")}-IET`;
  return istanbulDate(at.getTime()).replaceAll("-", "") + referenceOf(order);
}

import { asText, fieldsOf } from "./envelope";

/** A field of a row that cannot be read. Never with what an unknown field holds: that may be personal. */
export interface UnreadableField {
  /** The broker's name of the field, such as `fillunit`; "row" for what is no row at all. */
  readonly field: string;
  /** What was there: an unknown word, or the shape of anything else (`9,9`). */
  readonly found: string;
}

/** Rows of an answer, each with what could not be read of it. */
export interface ReadRow {
  readonly problems: readonly UnreadableField[];
}

/** Reads one row field by field: one that cannot be read costs neither the row's others nor the rows beside it. */
export class RowReader implements ReadRow {
  readonly problems: UnreadableField[] = [];
  private readonly fields: ReadonlyMap<string, unknown>;

  constructor(row: unknown) {
    const fields = fieldsOf(row);
    if (fields === undefined) this.problems.push({ field: "row", found: row === null ? "null" : typeof row });
    this.fields = fields ?? new Map<string, unknown>();
  }

  /** A field as text without white space around it; "" where it is absent or null. @param name in lower case */
  text(name: string): string {
    return asText(this.fields.get(name)).trim();
  }

  /** @param read gives undefined, or throws a RangeError, for what is not such a value */
  field<T>(name: string, read: (text: string) => T | undefined): T | undefined {
    const text = this.text(name);
    const value = readOrUndefined(read, text);
    // A row that is none was noted as a whole.
    if (value === undefined && this.fields.size > 0) this.problems.push({ field: name, found: shapeOf(text) });
    return value;
  }
}

function readOrUndefined<T>(read: (text: string) => T | undefined, text: string): T | undefined {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Words are shown, so that an operator learns the broker's new ones; of figures only the shape is. */
function shapeOf(text: string): string {
  return text.slice(0, 40).replace(/\p{N}/gu, "9");
}

/** Each row by itself. @throws SyntaxError when the content is no list: then nothing was read */
export function readRows<T>(content: unknown, read: (row: RowReader) => T): T[] {
  if (!Array.isArray(content)) throw new SyntaxError("expected a list of rows");
  return content.map((row: unknown) => read(new RowReader(row)));
}

/** How a code of an instrument can look; the broker's list has more of them than the exchange's rules are known for. */
const codePattern = /^[\p{L}\p{N}](?:[\p{L}\p{N}._ -]{0,30}[\p{L}\p{N}])?$/u;

/** The code of an instrument; undefined for anything else. */
export function instrumentCode(text: string): string | undefined {
  return codePattern.test(text) ? text : undefined;
}

const decimalPattern = /^-?\d{1,20}(?:\.\d{1,30})?$/;

/** A plain decimal as the broker writes it, up to 30 places; undefined for anything else. */
export function decimalText(text: string): string | undefined {
  return decimalPattern.test(text) ? text : undefined;
}

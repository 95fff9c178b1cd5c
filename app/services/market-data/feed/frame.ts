/** The members of a content that are read, in lower case; the broker writes names in whatever case. */
const fieldNames = [
  "symbol",
  "market",
  "direction",
  "date",
  "price",
  "tradequantity",
  "bid",
  "ask",
  "row",
  "quantity",
  "ordercount",
] as const;

/** Each as the exact text that stood on the wire: a price that came as a JSON number never becomes a JavaScript number. */
export type FrameFields = Readonly<Partial<Record<(typeof fieldNames)[number], string>>>;

/** One frame of the broker's socket. */
export interface Frame {
  readonly type: string;
  readonly fields: FrameFields;
}

/** A frame that is not `{"Type": ..., "Content": {...}}` with a flat content. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/**
 * Reads a frame in one pass, several times faster than `JSON.parse` with a reviver that keeps the source text.
 * @throws FrameError with the place at which reading stopped
 */
export function parseFrame(text: string): Frame {
  const reader = new Reader(text);
  let type: string | undefined;
  let fields: FrameFields = {};
  reader.open();
  for (let name = reader.firstName(); name !== undefined; name = reader.nextName()) {
    if (name.lower === "type") type = reader.scalar();
    else if (name.lower === "content" && reader.atObject()) fields = readFields(reader);
    else reader.scalar();
  }
  reader.end();
  if (type === undefined) throw new FrameError("a frame has a Type");
  return { type, fields };
}

/** Values of the content that is being read, by slot. */
const values: (string | undefined)[] = fieldNames.map(() => undefined);

function readFields(reader: Reader): FrameFields {
  values.fill(undefined);
  reader.open();
  for (let name = reader.firstName(); name !== undefined; name = reader.nextName()) {
    if (name.slot < 0) reader.skipScalar();
    else values[name.slot] = reader.scalar();
  }
  return {
    symbol: values[0],
    market: values[1],
    direction: values[2],
    date: values[3],
    price: values[4],
    tradequantity: values[5],
    bid: values[6],
    ask: values[7],
    row: values[8],
    quantity: values[9],
    ordercount: values[10],
  };
}

const quote = 34;
const comma = 44;
const minus = 45;
const point = 46;
const colon = 58;
const backslash = 92;
const openBrace = 123;
const closeBrace = 125;
const lastSpace = 32;
const isSpace = (code: number) => code === 32 || code === 10 || code === 13 || code === 9;
const isDigit = (code: number) => code >= 48 && code <= 57;

/**
 * A name of a member. Frames of one kind have the same members in the same order: what followed last time is tried
 * first, so that names are compared in place and not cut out, hashed and made lower case each time.
 */
interface Name {
  /** As it stands on the wire, from its opening quote to its colon. */
  readonly written: string;
  readonly lower: string;
  /** Place among `fieldNames`; -1 for a name that is not read. */
  readonly slot: number;
  /** What followed it last time. */
  next: Name | undefined;
}

/** Before the first name of a frame. */
const beginning: Name = { written: "", lower: "", slot: -1, next: undefined };

/** Names that were read, as they stood on the wire. Bounded: what a broker invents beyond that is read a little slower. */
const knownNames = new Map<string, Name>();
const mostNames = 256;

class Reader {
  private position = 0;
  private previous = beginning;

  constructor(private readonly text: string) {}

  open(): void {
    this.skipSpace();
    if (this.text.charCodeAt(this.position) !== openBrace) this.fail("{");
    this.position++;
  }

  /** The first member's name, up to its value; `undefined` when the object is empty. */
  firstName(): Name | undefined {
    this.skipSpace();
    if (this.text.charCodeAt(this.position) === closeBrace) {
      this.position++;
      return undefined;
    }
    return this.name();
  }

  /** The next member's name, up to its value; `undefined` at the end of the object. */
  nextName(): Name | undefined {
    this.skipSpace();
    const code = this.text.charCodeAt(this.position);
    if (code !== comma && code !== closeBrace) this.fail("a comma or the end of the object");
    this.position++;
    if (code === closeBrace) return undefined;
    this.skipSpace();
    return this.name();
  }

  atObject(): boolean {
    return this.text.charCodeAt(this.position) === openBrace;
  }

  /** A string's value, or the text of a number, true, false; `""` for null. */
  scalar(): string {
    const start = this.position;
    if (this.text.charCodeAt(start) === quote) return this.string();
    return this.skipNumber() ? this.text.slice(start, this.position) : this.literal();
  }

  skipScalar(): void {
    if (this.text.charCodeAt(this.position) === quote) this.string();
    else if (!this.skipNumber()) this.literal();
  }

  end(): void {
    this.skipSpace();
    if (this.position < this.text.length) this.fail("the end of the frame");
  }

  private name(): Name {
    const expected = this.previous.next;
    if (expected !== undefined && this.text.startsWith(expected.written, this.position)) {
      this.position += expected.written.length;
      this.previous = expected;
    } else this.previous = this.otherName(this.previous);
    this.skipSpace();
    return this.previous;
  }

  private otherName(previous: Name): Name {
    const start = this.position;
    const lower = this.string().toLowerCase();
    this.skipSpace();
    if (this.text.charCodeAt(this.position) !== colon) this.fail(":");
    this.position++;
    const written = this.text.slice(start, this.position);
    const known = knownNames.get(written);
    const name = known ?? { written, lower, slot: fieldNames.indexOf(lower as never), next: undefined };
    if (known === undefined && knownNames.size < mostNames) knownNames.set(written, name);
    if (known !== undefined) previous.next = known;
    return name;
  }

  /** Passes a number without an exponent. @returns false, with nothing passed, when something else stands here */
  private skipNumber(): boolean {
    const { text } = this;
    let at = this.position;
    let code = text.charCodeAt(at);
    if (code === minus) code = text.charCodeAt(++at);
    if (!isDigit(code)) return false;
    while (isDigit(code)) code = text.charCodeAt(++at);
    if (code === point) {
      code = text.charCodeAt(++at);
      if (!isDigit(code)) return false;
      while (isDigit(code)) code = text.charCodeAt(++at);
    }
    if (code !== comma && code !== closeBrace && !isSpace(code)) return false;
    this.position = at;
    return true;
  }

  private string(): string {
    const { text, position } = this;
    if (text.charCodeAt(position) !== quote) this.fail("text in quotes");
    let end = text.indexOf('"', position + 1);
    if (end < 0) this.fail("a closing quote");
    const plain = text.slice(position + 1, end);
    if (!plain.includes("\\")) {
      this.position = end + 1;
      return plain;
    }
    for (end = position + 1; text.charCodeAt(end) !== quote; end++) {
      if (text.charCodeAt(end) === backslash) end++;
      if (end >= text.length) this.fail("a closing quote");
    }
    try {
      const unescaped = JSON.parse(text.slice(position, end + 1)) as string;
      this.position = end + 1;
      return unescaped;
    } catch {
      return this.fail("text with valid escapes");
    }
  }

  /** What is not a plain number: with an exponent, true, false or null. */
  private literal(): string {
    const word = /[^\s,}]*/y;
    word.lastIndex = this.position;
    const [literal = ""] = word.exec(this.text) ?? [];
    if (!/^(?:-?\d+(?:\.\d+)?[eE][+-]?\d+|true|false|null)$/.test(literal))
      this.fail("text, a number, true, false or null");
    this.position += literal.length;
    return literal === "null" ? "" : literal;
  }

  private skipSpace(): void {
    // Most frames have none.
    if (this.text.charCodeAt(this.position) > lastSpace) return;
    while (isSpace(this.text.charCodeAt(this.position))) this.position++;
  }

  private fail(expected: string): never {
    throw new FrameError(`the frame is not readable at character ${this.position}: expected ${expected}`);
  }
}

import type { StoredTick } from "./tick";
import type { BookSnapshot } from "./order-book";
import { Quote } from "./quote";
import type { SavedQuote } from "./quote";

export interface SavedBoard {
  readonly quotes: readonly SavedQuote[];
  readonly books: readonly BookSnapshot[];
  /** The quotes hold every tick up to here; newer ones are still to be applied. */
  readonly sequence: number;
}

/** The latest quote and order book of every symbol, in the memory of each replica. */
export class Board {
  private readonly quotes = new Map<string, Quote>();
  private readonly books = new Map<string, BookSnapshot>();
  private last = 0;

  restore(saved: SavedBoard): void {
    for (const quote of saved.quotes) this.quotes.set(quote.symbol, Quote.restore(quote));
    for (const book of saved.books) this.updateBook(book);
    this.last = saved.sequence;
  }

  /** @param ticks in the order of their sequence, which goes on from `sequence` */
  apply(ticks: readonly StoredTick[]): void {
    for (const tick of ticks) {
      const quote = this.quotes.get(tick.symbol);
      if (quote === undefined) this.quotes.set(tick.symbol, Quote.first(tick));
      else quote.apply(tick);
      this.last = tick.sequence;
    }
  }

  /** The quotes hold every tick up to here. */
  get sequence(): number {
    return this.last;
  }

  /** Quotes that changed after the tick of a sequence, as they are at `sequence`. */
  quotesAfter(sequence: number): SavedQuote[] {
    return [...this.quotes.values()].filter((quote) => quote.sequence > sequence).map((quote) => quote.save());
  }

  /** @returns whether the book is newer than the known one */
  updateBook(snapshot: BookSnapshot): boolean {
    const known = this.books.get(snapshot.symbol);
    if (known !== undefined && known.version >= snapshot.version) return false;
    this.books.set(snapshot.symbol, snapshot);
    return true;
  }

  quote(symbol: string): Quote | undefined {
    return this.quotes.get(symbol);
  }

  /** Quotes of every symbol, in no order. */
  all(): Iterable<readonly [string, Quote]> {
    return this.quotes;
  }

  book(symbol: string): BookSnapshot | undefined {
    return this.books.get(symbol);
  }

  /** Order books of every symbol that has had one, in no order. */
  allBooks(): Iterable<BookSnapshot> {
    return this.books.values();
  }
}

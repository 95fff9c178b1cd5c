import type { StoredTick } from "./tick";
import type { BookSnapshot } from "./order-book";
import { Quote } from "./quote";
import type { SavedQuote } from "./quote";

/** The latest quote and order book of every symbol, in the memory of each replica. */
export class Board {
  private readonly quotes = new Map<string, Quote>();
  private readonly books = new Map<string, BookSnapshot>();

  restore(quotes: Iterable<SavedQuote>, books: Iterable<BookSnapshot>): void {
    for (const saved of quotes) this.quotes.set(saved.symbol, Quote.restore(saved));
    for (const book of books) this.updateBook(book);
  }

  apply(ticks: readonly StoredTick[]): void {
    for (const tick of ticks) {
      const quote = this.quotes.get(tick.symbol);
      if (quote === undefined) this.quotes.set(tick.symbol, Quote.first(tick));
      else quote.apply(tick);
    }
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

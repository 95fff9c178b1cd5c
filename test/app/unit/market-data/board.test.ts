import { Board } from "../../../../app/services/market-data/domain/board";
import type { StoredTick } from "../../../../app/services/market-data/domain/tick";

describe("board", () => {
  const tick = (symbol: string, sequence: number): StoredTick => ({
    symbol,
    market: "IMKBH",
    timestamp: "2026-11-23T10:00:00+03:00",
    epochMs: Date.parse("2026-11-23T10:00:00+03:00"),
    price: "100.00",
    quantity: "1",
    side: "BUY",
    bid: undefined,
    ask: undefined,
    sequence,
    symbolSequence: sequence,
  });
  const changed = (board: Board, after: number) => board.quotesAfter(after).map(({ symbol }) => symbol);

  test("says up to which tick it is, and which quotes changed after one", () => {
    const board = new Board();
    expect([board.sequence, changed(board, 0)]).toEqual([0, []]);
    board.apply([tick("GARAN", 1), tick("AKBNK", 2), tick("GARAN", 3)]);
    expect([board.sequence, changed(board, 0), changed(board, 2)]).toEqual([3, ["GARAN", "AKBNK"], ["GARAN"]]);
    const restored = new Board();
    restored.restore({ quotes: board.quotesAfter(0), books: [], sequence: board.sequence });
    restored.apply([tick("AKBNK", 4)]);
    expect([restored.sequence, changed(restored, 3)]).toEqual([4, ["AKBNK"]]);
  });
});

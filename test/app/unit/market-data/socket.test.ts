import type { ClientSocket } from "../../../../app/packages/kit/http/client-socket";
import { Board } from "../../../../app/services/market-data/domain/board";
import { MarketHub } from "../../../../app/services/market-data/socket/hub";
import { marketDataProtocol, mostSymbols } from "../../../../app/services/market-data/socket/messages";
import type { StoredTick } from "../../../../app/services/market-data/domain/tick";
import { TestClock } from "../../support/clock";
import { wrongOf } from "../../support/documented-messages";

const schemas = new Map(Object.entries(marketDataProtocol.sends));

/** A client whose network is in the test's hands. */
class FakeSocket {
  readonly sent: Record<string, unknown>[] = [];
  readonly events: string[] = [];
  bufferedBytes = 0;
  private received: (message: object) => void = () => undefined;
  private gone: () => void = () => undefined;

  send(text: string | Buffer) {
    const message = JSON.parse(text.toString()) as Record<string, unknown>;
    expect(wrongOf(message, schemas)).toBeUndefined();
    this.sent.push(message);
  }
  close(why: string) {
    this.events.push(why);
  }
  terminate() {
    this.events.push("terminated");
  }
  onMessage(received: (message: object) => void) {
    this.received = received;
  }
  onClose(gone: () => void) {
    this.gone = gone;
  }
  says(type: string, more: object = {}) {
    this.received({ type, ...more });
  }
  leaves() {
    this.gone();
  }
}

const limits = { bufferBytes: 1_000, patienceMs: 10_000, closeMs: 2_000 };

describe("stream", () => {
  let clock: TestClock;
  let board: Board;
  let hub: MarketHub;
  let sequence: number;

  beforeEach(() => {
    jest.useFakeTimers();
    clock = new TestClock(Date.parse("2026-11-23T10:00:00+03:00"));
    board = new Board();
    hub = new MarketHub(board, clock, limits);
    hub.start();
    sequence = 0;
  });
  afterEach(() => {
    hub.stop();
    jest.useRealTimers();
  });

  const connect = () => {
    const socket = new FakeSocket();
    // ClientSocket has private members, which only itself can have.
    hub.connected(socket as unknown as ClientSocket);
    return socket;
  };
  const trade = (symbol: string, price = "100.00") => {
    sequence++;
    const tick: StoredTick = {
      symbol,
      market: "IMKBH",
      timestamp: "2026-11-23T10:00:00+03:00",
      epochMs: clock.now(),
      price,
      quantity: "1",
      side: "SELL",
      bid: undefined,
      ask: undefined,
      sequence,
      symbolSequence: (board.quote(symbol)?.symbolSequence ?? 0) + 1,
    };
    board.apply([tick]);
    hub.ticks([tick]);
  };
  const frame = () => {
    jest.advanceTimersByTime(20);
  };
  const subscribe = (socket: FakeSocket, channel: string, ...symbols: string[]) => {
    socket.says("SUBSCRIBE", { channel, symbols });
  };

  test("gathers the ticks of a moment into one frame for each client, with one quote a symbol", () => {
    const client = connect();
    subscribe(client, "TRADE", "GARAN");
    subscribe(client, "QUOTE", "GARAN", "THYAO");
    for (const price of ["100.00", "101.00", "102.00"]) trade("GARAN", price);
    trade("THYAO");
    trade("SASA");
    frame();
    const updates = client.sent.filter(({ type }) => type === "UPDATE");
    expect(updates).toHaveLength(1);
    expect(updates[0]).toMatchObject({
      quotes: [{ symbol: "GARAN", price: "102.00", sequence: 3 }, { symbol: "THYAO" }],
      trades: [{ sequence: 1 }, { sequence: 2 }, { sequence: 3, symbol: "GARAN", side: "SELL" }],
    });
    frame();
    expect(client.sent.filter(({ type }) => type === "UPDATE")).toHaveLength(1);
  });

  test("a snapshot holds all before it and nothing after it comes twice", () => {
    connect().says("SUBSCRIBE", { channel: "TRADE", symbols: ["GARAN"] });
    trade("GARAN");
    trade("GARAN");
    const client = connect();
    subscribe(client, "TRADE", "GARAN");
    trade("GARAN");
    frame();
    expect(client.sent.map(({ type }) => type)).toEqual(["SUBSCRIBED", "SNAPSHOT", "UPDATE"]);
    expect(client.sent[1]).toMatchObject({ quotes: [{ sequence: 2 }] });
    expect(client.sent[2]).toMatchObject({ trades: [{ sequence: 3 }] });
    expect(client.sent[2]).not.toHaveProperty("quotes");
  });

  test("a client that reads too slowly gets the latest state in place of what it missed", () => {
    const client = connect();
    subscribe(client, "QUOTE", "GARAN");
    client.bufferedBytes = 1_001;
    for (let n = 0; n < 50; n++) {
      trade("GARAN", `${100 + n}.00`);
      frame();
    }
    expect(client.sent.filter(({ type }) => type === "UPDATE")).toHaveLength(0);
    client.bufferedBytes = 251;
    frame();
    expect(client.sent.filter(({ type }) => type === "CONFLATED")).toHaveLength(0);
    client.bufferedBytes = 250;
    frame();
    expect(client.sent.at(-1)).toMatchObject({
      type: "CONFLATED",
      quotes: [{ symbol: "GARAN", price: "149.00", sequence: 50 }],
    });
    trade("GARAN");
    frame();
    expect(client.sent.at(-1)).toMatchObject({ type: "UPDATE", quotes: [{ sequence: 51 }] });
    expect(client.events).toEqual([]);
  });

  test("a client that does not read at all is closed with a code, then cut off; others go on", () => {
    const [slow, quick] = [connect(), connect()];
    for (const client of [slow, quick]) subscribe(client, "QUOTE", "GARAN");
    slow.bufferedBytes = 5_000;
    trade("GARAN");
    frame();
    clock.advance(10_001);
    frame();
    expect(slow.events).toEqual(["slowConsumer"]);
    jest.advanceTimersByTime(2_000);
    expect(slow.events).toEqual(["slowConsumer", "terminated"]);
    trade("GARAN");
    frame();
    expect(quick.sent.at(-1)).toMatchObject({ type: "UPDATE" });
    expect(quick.events).toEqual([]);
  });

  test("a client that has left gets nothing and is forgotten", () => {
    const client = connect();
    subscribe(client, "QUOTE", "GARAN");
    const before = client.sent.length;
    client.leaves();
    trade("GARAN");
    frame();
    expect(client.sent).toHaveLength(before);
  });

  test("says what is wrong with a message, and stays", () => {
    const client = connect();
    client.says("SUBSCRIBE", { channel: "NEWS", symbols: ["GARAN"] });
    client.says("SUBSCRIBE", { channel: "QUOTE", symbols: ["garan"] });
    client.says("SUBSCRIBE", { channel: "QUOTE", symbols: "GARAN" });
    client.says("DANCE");
    const many = (first: string) => Array.from({ length: mostSymbols }, (_, n) => `${first}${n}`);
    client.says("SUBSCRIBE", { channel: "QUOTE", symbols: [...many("A"), "B"] });
    for (const first of ["A", "B", "C", "D"]) subscribe(client, "QUOTE", ...many(first));
    expect(client.sent.filter(({ type }) => type === "ERROR").map(({ code, detail }) => [code, detail])).toEqual([
      ["INVALID_MESSAGE", "channel must be one of QUOTE, TRADE, DEPTH"],
      ["INVALID_MESSAGE", "symbols must be a list of 1 to 600 codes such as GARAN"],
      ["INVALID_MESSAGE", "symbols must be a list of 1 to 600 codes such as GARAN"],
      ["INVALID_MESSAGE", '"DANCE" is not known; use AUTH, SUBSCRIBE, UNSUBSCRIBE or PING'],
      ["INVALID_MESSAGE", "symbols must be a list of 1 to 600 codes such as GARAN"],
      ["TOO_MANY_SUBSCRIPTIONS", "a client may have at most 2000 subscriptions"],
    ]);
    client.says("PING");
    expect(client.sent.at(-1)).toEqual({ type: "PONG" });
  });

  test("beats, so that a client hears when the connection is dead", () => {
    const client = connect();
    subscribe(client, "QUOTE", "GARAN");
    jest.advanceTimersByTime(10_000);
    expect(client.sent.at(-1)).toEqual({ type: "HEARTBEAT", at: "2026-11-23T07:00:00.000Z" });
  });
});

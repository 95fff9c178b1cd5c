import { pino } from "pino";
import { TradingCalendar } from "../../../../app/packages/bist/calendar";
import { AlgolabLogin } from "../../../../app/packages/algolab/client";
import type { SocketOptions } from "../../../../app/packages/algolab/socket";
import { Simulator } from "../../../../app/packages/simulator/simulator";
import { testApiKey } from "../../../../app/packages/simulator/test-key";
import { BrokerFeed } from "../../../../app/services/market-data/feed/broker-feed";
import type { BrokerSession, DownReason, FeedEvents } from "../../../../app/services/market-data/feed/broker-feed";
import { TestClock } from "../../support/clock";

const customer = "10000000146";
const until = async (done: () => boolean) => {
  for (const end = Date.now() + 20_000; !done();) {
    if (Date.now() > end) throw new Error(`waited in vain until ${done.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** Counts how often it is read: a feed without data reads it when it looks for silence alone. */
class CountedClock extends TestClock {
  reads = 0;

  override now(): number {
    this.reads++;
    return super.now();
  }
}

describe("broker feed", () => {
  let simulator: Simulator;
  let clock: CountedClock;
  let feeds: BrokerFeed[];
  let session: SocketOptions | undefined;
  let frames: string[];
  let downs: DownReason[];
  let ups: number;

  const signIn = async (): Promise<SocketOptions> => {
    const login = new AlgolabLogin({ baseUrl: simulator.url, apiKey: testApiKey });
    const token = await login.start(customer, "not-a-real-password");
    const hash = await login.confirm(token, simulator.smsCode(customer) ?? "");
    return { baseUrl: simulator.url, apiKey: testApiKey, hash };
  };
  const make = (source: BrokerSession, events: FeedEvents, symbols: readonly string[] = ["ALL"]) => {
    const options = { symbols, heartbeatMs: 50, silenceMs: 5_000, firstRetryMs: 10, mostRetryMs: 50 };
    const feed = new BrokerFeed(source, options, events, new TradingCalendar(), clock, pino({ level: "silent" }));
    feeds.push(feed);
    feed.start();
    return feed;
  };
  const start = (symbols?: readonly string[], source: BrokerSession = () => Promise.resolve(session)) => {
    const up = () => {
      ups++;
    };
    return make(source, { frame: (text) => frames.push(text) > 0, up, down: (reason) => downs.push(reason) }, symbols);
  };
  const trades = (texts: readonly string[]) => texts.filter((text) => text.includes('"Type":"T"')).length;
  const looksForSilence = async () => {
    const before = clock.reads;
    await until(() => clock.reads > before);
  };
  const hear = async () => {
    const before = frames.length;
    await until(() => {
      simulator.advance();
      return frames.length > before;
    });
  };

  beforeEach(async () => {
    simulator = await Simulator.start({ apiKey: testApiKey, tradesPerSecond: 0, rateIntervalMs: 0 });
    feeds = [];
    clock = new CountedClock(Date.parse("2026-11-23T11:00:00+03:00"));
    session = await signIn();
    [frames, downs, ups] = [[], [], 0];
  });
  afterEach(async () => {
    for (const feed of feeds) feed.stop();
    await simulator.close();
  });

  test("subscribes to trades and depth of the symbols that it was given, and to no others", async () => {
    start(["GARAN"]);
    await until(() => ups === 1);
    await until(() => {
      simulator.advance(30);
      return frames.some((text) => text.includes('"Type":"D"')) && frames.some((text) => text.includes('"Type":"T"'));
    });
    expect(frames.filter((text) => !text.includes('"Symbol":"GARAN"'))).toEqual([]);
  });

  test("comes back with its full subscription whenever the connection ends", async () => {
    start();
    for (let round = 1; round <= 3; round++) {
      await until(() => ups === round);
      await hear();
      simulator.faults.add({ at: "socket:T", kind: "drop", times: 1 });
      simulator.advance();
    }
    await until(() => ups === 4);
    await hear();
    expect(downs).toEqual(["closed", "closed", "closed"]);
    expect(simulator.socketConnections).toBe(1);
  });

  test("waits for a session, and takes the new one when the old one has ended", async () => {
    const first = session;
    session = undefined;
    start();
    await until(() => downs.includes("no session"));
    session = first;
    await until(() => ups === 1);
    await hear();
    simulator.sessions.expire();
    simulator.faults.add({ at: "socket:T", kind: "drop", times: 1 });
    simulator.advance();
    await until(() => downs.includes("refused"));
    session = await signIn();
    await until(() => ups === 2);
    await hear();
  });

  test("takes silence in continuous trading for a dead feed, however alive the connection", async () => {
    start();
    await until(() => ups === 1);
    clock.advance(5_001);
    await until(() => downs.includes("silent"));
    await until(() => ups === 2);
  });

  test("does not mind silence while the market is closed, nor while it was itself asked to pause", async () => {
    clock.at = Date.parse("2026-11-23T19:00:00+03:00");
    const closed = start();
    await until(() => ups === 1);
    clock.advance(3_600_000);
    await looksForSilence();
    expect([downs, closed.silentMs]).toEqual([[], 0]);
    closed.pause(true);
    clock.at = Date.parse("2026-11-24T11:00:00+03:00");
    clock.advance(60_000);
    await looksForSilence();
    expect(downs).toEqual([]);
    closed.pause(false);
    await looksForSilence();
    expect(downs).toEqual([]);
    clock.advance(5_001);
    await until(() => downs.includes("silent"));
  });

  test("says for how long it has heard nothing, what it has not read among that", async () => {
    const paused = start();
    await until(() => ups === 1);
    await hear();
    paused.pause(true);
    clock.advance(3_000);
    simulator.advance(10);
    await looksForSilence();
    expect(paused.silentMs).toBe(3_000);
    paused.pause(false);
    await until(() => paused.silentMs === 0);
  });

  test("lets the rest of the process work while frames keep coming", async () => {
    start();
    await until(() => ups === 1);
    await hear();
    const expected = frames.length + 2_000;
    let [most, before] = [0, frames.length];
    const turn = () => {
      most = Math.max(most, frames.length - before);
      before = frames.length;
      if (before < expected) setImmediate(turn);
    };
    turn();
    simulator.advance(2_000);
    await until(() => frames.length >= expected);
    // 500 in a turn, and what came in the same read.
    expect(most).toBeLessThan(1_500);
  });

  test("reads nothing while paused, and everything after", async () => {
    const paused = start();
    await until(() => ups === 1);
    await hear();
    paused.pause(true);
    const before = frames.length;
    const others: string[] = [];
    const other = make(() => Promise.resolve(session), {
      frame: (text) => others.push(text) > 0,
      up: () => undefined,
      down: () => undefined,
    });
    await until(() => other.up);
    await until(() => {
      simulator.advance();
      return trades(others) > 0;
    });
    simulator.advance(100);
    await until(() => trades(others) > 100);
    expect(frames.length).toBe(before);
    paused.pause(false);
    await until(() => trades(frames) >= trades(others));
  });

  test("does not connect again once it is stopped", async () => {
    const stopped = start();
    await until(() => ups === 1);
    stopped.stop();
    await until(() => simulator.socketConnections === 0);
    let others = 0;
    make(() => Promise.resolve(undefined), {
      frame: () => true,
      up: () => undefined,
      down: () => others++,
    });
    await until(() => others > 5);
    expect([simulator.socketConnections, ups, stopped.up]).toEqual([0, 1, false]);
  });

  test("keeps one connection when it is stopped and started while it waits for its session", async () => {
    const waiting: (() => void)[] = [];
    const restarted = start(undefined, async () => {
      if (ups === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      return session;
    });
    await until(() => waiting.length === 1);
    restarted.stop();
    restarted.start();
    await until(() => waiting.length === 2);
    for (const answer of waiting) answer();
    await until(() => ups === 1);
    await hear();
    expect([simulator.socketConnections, ups]).toEqual([1, 1]);
  });
});

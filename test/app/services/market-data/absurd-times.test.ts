import type { TestDatabase } from "../../support/postgres";
import type { TestService } from "../../support/service";
import { createMarketDatabase, startReplica, storedTicks, until } from "./market-data";
import { rowContent, ScriptedBroker, tickContent, wholeSecond } from "./scripted-broker";

describe("times that no exchange stamps", () => {
  let database: TestDatabase;
  let broker: ScriptedBroker;
  let replica: TestService;

  beforeAll(async () => {
    database = await createMarketDatabase();
    broker = await ScriptedBroker.start();
    replica = await startReplica(database, broker.session);
    await until("the replica listens", () => broker.connected);
  });
  afterAll(async () => {
    await replica.stop();
    await broker.close();
    await database.drop();
  });

  test("are refused at the door, counted by reason, and leave the ticks around them alone", async () => {
    const dayMs = 86_400_000;
    const absurd = {
      stale: ["1970-01-01T00:00:00+03:00", "0001-01-01T00:00:00", wholeSecond(Date.now() - 2 * dayMs)],
      future: ["9999-12-31T23:59:59+03:00", wholeSecond(Date.now() + dayMs)],
      time: ["2026-02-30T10:00:00+03:00", "", "10:00"],
    };
    for (const date of Object.values(absurd).flat()) {
      broker.say("T", tickContent());
      broker.say("T", tickContent({ Date: date }));
    }
    broker.say("D", rowContent({ Row: 0, Date: "9999-12-31T23:59:59.9999999+03:00" }));
    broker.say("T", tickContent({ Symbol: "MARK" }));
    const wanted = Object.values(absurd).flat().length + 1;
    await until("every tick of now is stored", async () => (await storedTicks(database)) >= wanted);
    const [row] = await database.query<{ n: string }>("SELECT count(*) AS n FROM market_ticks_default");
    expect([await storedTicks(database), row?.n]).toEqual([wanted, "0"]);
    const metrics = (await replica.call("GET", "/actuator/prometheus")).text;
    for (const [reason, dates] of Object.entries(absurd))
      expect(metrics).toContain(
        `market_ticks_rejected_total{reason="${reason}",service="market-data"} ${dates.length}\n`,
      );
    expect(metrics).toContain(`market_ticks_rejected_total{reason="depth_future",service="market-data"} 1\n`);
  });
});

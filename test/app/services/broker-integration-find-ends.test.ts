import { istanbulIso } from "../../../app/packages/algolab/time";
import { istanbulDate } from "../../../app/packages/bist/calendar";
import { findEnds } from "../../../app/services/broker-integration/execution/find-ends";
import { reconcile } from "../../../app/services/broker-integration/execution/reconcile";
import { testTradingConfig } from "../support/broker";
import { ended, row, scriptedBroker, today } from "../support/scripted-broker";
import type { Row } from "../support/scripted-broker";

const day = 86_400_000;

const scripted = scriptedBroker();
const { open, orderNow, bookedFor } = scripted;

describe("an order whose end was not seen", () => {
  const weekdayBefore = (days: number): string => {
    for (let at = Date.now() - days * day; ; at -= day) {
      const weekday = new Date(at).getUTCDay();
      if (weekday !== 0 && weekday !== 6) return istanbulDate(at);
    }
  };
  const pastDay = weekdayBefore(1);
  /** Longer ago than any trading day after its settlement. */
  const completeDay = weekdayBefore(20);
  const fill = (orderId: string, lots: string, price: string, of = pastDay): Row => ({
    transdate: istanbulIso(new Date()),
    explanation: `${of.split("-").reverse().join("/")} Ref = F${orderId.slice(0, 8).toUpperCase()} HA ${price}`,
    debit: "0",
    credit: lots,
    balance: lots,
    valuedate: "",
  });
  const lira = (orderId: string, lots: string, price: string): Row => {
    const { explanation = "", ...shares } = fill(orderId, lots, price);
    return { ...shares, explanation: `${explanation}x${lots} GARAN`, debit: "999.99", credit: "0" };
  };
  const unseen = (change: Partial<Record<string, string | null>> = {}) =>
    open({ status: "UNKNOWN", unknown_at: new Date().toISOString(), trading_day: pastDay, ...change });

  test.each(["KOMİSYON 0.99", "BSMV 0.10", "Komisyonu"])(
    "is found beside its costs, which move no shares: %s",
    async (text) => {
      const charge = (orderId: string): Row => {
        const { explanation = "", ...shares } = fill(orderId, "0", "12.00");
        return { ...shares, explanation: explanation.replace(/HA .*/, text), debit: "0.99" };
      };
      const [filled, inPart] = [await unseen(), await unseen({ trading_day: completeDay })];
      const dated = (row: Row): Row => ({
        ...row,
        explanation: (row["explanation"] ?? "").replace(/^\S+/, completeDay),
      });
      scripted.stated = [
        ...[fill(filled, "100.000000", "12.00"), lira(filled, "100.000000", "12.00"), charge(filled)],
        ...[fill(inPart, "60.000000", "12.00", completeDay), dated(charge(inPart))],
      ];
      await findEnds(scripted.context);
      expect(await orderNow(filled)).toMatchObject({ status: "FILLED", filled: "100", average: "12.000000" });
      expect(await orderNow(inPart)).toMatchObject({ status: "EXPIRED", filled: "60" });
    },
  );

  test("is found in the statement, with its fills on its own day", async () => {
    const orderId = await unseen();
    await findEnds(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "UNKNOWN" });
    scripted.stated = [
      fill(orderId, "60.000000", "12.00"),
      lira(orderId, "60.000000", "12.00"),
      fill(orderId, "40.000000", "12.05"),
    ];
    await findEnds(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "FILLED", filled: "100", average: "12.020000" });
    expect(await bookedFor(orderId)).toEqual([
      {
        quantity: "100",
        price: "12.020000",
        derived: false,
        day: pastDay,
        settles: testTradingConfig.calendar.settlementDate(pastDay),
      },
    ]);
    await findEnds(scripted.context);
    expect(await bookedFor(orderId)).toHaveLength(1);
  });

  test("is booked at the statement's own sums, though it was repriced where nobody looked", async () => {
    const orderId = await unseen({ status: "ACCEPTED", unknown_at: null, trading_day: today });
    scripted.listed = [row(orderId, { fillunit: "40", price: "12.05", description: "Kısmi Gerçekleşti" })];
    await reconcile(scripted.context);
    await scripted.owned.query(
      "UPDATE orders SET status = 'UNKNOWN', unknown_at = now(), trading_day = $2, version = version + 1 WHERE order_id = $1",
      [orderId, pastDay],
    );
    scripted.stated = [fill(orderId, "40.000000", "12.05"), fill(orderId, "60.000000", "12.90")];
    await findEnds(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "FILLED", average: "12.560000" });
    expect((await bookedFor(orderId)).map(({ price }) => price)).toEqual(["12.050000", "12.900000"]);
  });

  test("does not end with a part while more of its rows may appear, whoever looks and how often", async () => {
    const orderId = await unseen();
    scripted.stated = [fill(orderId, "40.000000", "12.00"), { ...fill(orderId, "9", "1"), explanation: "Devir" }];
    for (let look = 0; look < 3; look++) await findEnds(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "UNKNOWN", filled: "0" });
    scripted.stated = [...scripted.stated, fill(orderId, "60.000000", "12.00")];
    await findEnds(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "FILLED", filled: "100" });
  });

  test("ends with the part that the complete statement has, of which what was known is not booked again", async () => {
    const orderId = await open();
    scripted.listed = [row(orderId, { fillunit: "10", price: "12.00", description: "Kısmi Gerçekleşti" })];
    await reconcile(scripted.context);
    await scripted.owned.query(
      "UPDATE orders SET status = 'UNKNOWN', unknown_at = now(), trading_day = $2, version = version + 1 WHERE order_id = $1",
      [orderId, completeDay],
    );
    scripted.stated = [fill(orderId, "40.000000", "12.00", completeDay)];
    await findEnds(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "EXPIRED", filled: "40" });
    expect((await bookedFor(orderId)).map(({ quantity }) => quantity)).toEqual(["10", "30"]);
  });

  test("does not end with less than the statement showed before, to whichever process", async () => {
    const orderId = await unseen();
    const rows = (of: string) => [fill(orderId, "40.000000", "12.00", of), fill(orderId, "20.000000", "12.00", of)];
    scripted.stated = rows(pastDay);
    await findEnds(scripted.context);
    for (const status of ["ACCEPTED", "UNKNOWN"]) {
      await scripted.owned.query(
        "UPDATE orders SET trading_day = $2, status = $3, version = version + 1 WHERE order_id = $1",
        [orderId, completeDay, status],
      );
    }
    for (const fewer of [[], rows(completeDay).slice(1)]) {
      scripted.stated = fewer;
      await findEnds(scripted.context);
      expect(await orderNow(orderId)).toMatchObject({ status: "UNKNOWN", filled: "0" });
    }
    scripted.stated = rows(completeDay);
    await findEnds(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "EXPIRED", filled: "60" });
  });

  test("but in part, at no price, is put right with the lots that the statement has", async () => {
    const orderId = await open();
    scripted.listed = [row(orderId, { ...ended, fillunit: "40", description: "Silindi" })];
    await reconcile(scripted.context);
    await scripted.owned.query("UPDATE orders SET trading_day = $2, version = version + 1 WHERE order_id = $1", [
      orderId,
      pastDay,
    ]);
    for (const [rows, average] of [
      [[], "12.050000"],
      [[fill(orderId, "40.000000", "12.00", completeDay)], "12.050000"],
      [[fill(orderId, "20.000000", "12.00")], "12.050000"],
      [[fill(orderId, "20.000000", "12.00"), fill(orderId, "20.000000", "12.01")], "12.005000"],
    ] as const) {
      scripted.stated = [...rows];
      await findEnds(scripted.context);
      expect(await orderNow(orderId)).toMatchObject({ status: "CANCELLED", filled: "40", average });
    }
    expect(await bookedFor(orderId)).toMatchObject([{ quantity: "40", price: "12.005000", derived: false }]);
    // A statement that has not all of the lots is no trouble.
    expect(scripted.logged).toEqual([]);
  });

  test.each<[string, (orderId: string) => Row]>([
    ["cannot be read", (id) => ({ ...fill(id, "100.5", "12.00") })],
    [
      "is of another day",
      (id) => ({
        ...fill(id, "100", "12.00"),
        explanation: `01/01/2020 Ref = F${id.slice(0, 8).toUpperCase()} HA 12.00`,
      }),
    ],
    [
      "goes the other way",
      (id) => ({
        ...fill(id, "100", "12.00"),
        explanation: fill(id, "1", "12.00")["explanation"]?.replace("HA", "HS") ?? "",
        debit: "100",
      }),
    ],
    ["is of another order", () => fill("zzzzzz", "100", "12.00")],
  ])("is not ended by a row that %s", async (_name, rowOf) => {
    const orderId = await unseen();
    scripted.stated = [rowOf(orderId)];
    await findEnds(scripted.context);
    await findEnds(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "UNKNOWN", filled: "0" });
  });
});

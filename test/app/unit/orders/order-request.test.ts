import { requestOutcomeOf } from "../../../../app/services/broker-integration/domain/order-request";
import type { OrderRequest, RequestEvidence } from "../../../../app/services/broker-integration/domain/order-request";
import { anOrder, aRow, at } from "../../support/orders";

const resolveDelayMs = 10_000;

const aRequest = (change: Partial<OrderRequest> = {}): OrderRequest => ({
  requestId: "r",
  orderId: "o",
  userId: "u",
  accountId: "a",
  kind: "CANCEL",
  price: undefined,
  status: "SENT",
  reason: undefined,
  createdAt: at(10),
  sentAt: at(10),
  completedAt: undefined,
  refusedBefore: false,
  ...change,
});

const listed = (change: Partial<RequestEvidence> = {}): RequestEvidence => ({
  row: aRow(),
  said: undefined,
  listedAt: at(11),
  ...change,
});

const reprice = aRequest({ kind: "MODIFY", price: 12_06n });

describe("a request that the broker acknowledged", () => {
  test("is under way until the list shows it, and done then", () => {
    expect(requestOutcomeOf(aRequest(), anOrder(), listed(), resolveDelayMs)).toBeUndefined();
    expect(requestOutcomeOf(reprice, anOrder(), listed(), resolveDelayMs)).toBeUndefined();
    const cancelled = anOrder({ status: "CANCELLED" });
    expect(requestOutcomeOf(aRequest(), cancelled, listed(), resolveDelayMs)).toEqual({ status: "DONE" });
    const repriced = anOrder({ limitPrice: 12_06n });
    expect(requestOutcomeOf(reprice, repriced, listed(), resolveDelayMs)).toEqual({ status: "DONE" });
    const filledAtIt = anOrder({ limitPrice: 12_06n, status: "FILLED" });
    expect(requestOutcomeOf(reprice, filledAtIt, listed(), resolveDelayMs)).toEqual({ status: "DONE" });
  });

  test.each([
    [aRequest(), "CANCEL_REFUSED", "Silme Reddedildi"],
    [reprice, "MODIFY_REFUSED", "İyileştirme Reddedildi"],
  ] as const)("is refused when the list says so of a request of its kind", (request, said, description) => {
    const evidence = listed({ said, row: aRow({ description }) });
    expect(requestOutcomeOf(request, anOrder(), evidence, resolveDelayMs)).toEqual({
      status: "REFUSED",
      reason: { code: "BROKER_REFUSED", detail: description },
    });
    const other = request === reprice ? aRequest() : reprice;
    expect(requestOutcomeOf(other, anOrder(), evidence, resolveDelayMs)).toBeUndefined();
    // What the list says may still be about the request before.
    const again = { ...request, refusedBefore: true };
    expect(requestOutcomeOf(again, anOrder(), evidence, resolveDelayMs)).toBeUndefined();
  });

  test.each([
    ["with the order, when that ended otherwise", { status: "FILLED" }, {}, 11, "ORDER_NOT_OPEN"],
    ["with the order's day", { status: "UNKNOWN" }, {}, 11, "NOT_APPLIED"],
    ["when the list still does not show it after a while", {}, {}, 20, "NOT_APPLIED"],
    ["not while the list shows it waiting", {}, { said: "WAITING" }, 20, undefined],
    ["not while the row is not there", {}, { row: undefined }, 20, undefined],
    ["not while the row cannot be read", {}, { row: aRow({ progress: undefined }) }, 20, undefined],
    ["whatever the list shows in the end", {}, { said: "WAITING" }, 110, "NOT_APPLIED"],
  ] as const)("ends %s", (_name, order, evidence, second, code) => {
    const outcome = requestOutcomeOf(
      aRequest(),
      anOrder(order),
      listed({ ...evidence, listedAt: at(second) }),
      resolveDelayMs,
    );
    expect(outcome?.reason?.code).toBe(code);
  });
});

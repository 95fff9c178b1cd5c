import { orderRow } from "./order-row";
import type { Habits } from "./habits";

type Row = Readonly<Record<string, string>>;

/** An order of somebody's other channel, filled in half. */
function otherOrder(now: Date, habits: Habits): Row {
  return orderRow(
    {
      reference: "FXAA01",
      transactionId: "20240730FXAA01",
      customer: "",
      subAccount: "",
      symbol: "GARAN",
      side: "SELL",
      quantity: 100n,
      price: 100_00n,
      worstPrice: 100_00n,
      filled: 50n,
      value: 50n * 100_00n,
      state: "PARTIAL",
      description: "Kısmi Gerçekleşti",
      repriced: false,
      pending: undefined,
      receivedAt: now,
    },
    habits,
  );
}

const orderChanges: Readonly<Record<string, Row>> = {
  shortSale: { atpref: "FXAA02", buysell: "Açığa Satış", shortfall: "1" },
  capitals: { atpref: "FXAA03", buysell: "SATIŞ" },
  unknownStatus: { atpref: "FXAA04", description: "Askıya Alındı", equityStatusDescription: "SUSPENDED" },
  fourDecimals: { atpref: "FXAA05", waitingprice: "0.1234", price: "0.1234" },
  noReference: { atpref: "", transactionId: "" },
  halfShare: { atpref: "FXAA06", ordersize: "100.500000", fillunit: "50.500000" },
  wordForNumber: { atpref: "FXAA07", ordersize: "-" },
};

const positionRow: Row = {
  maliyet: "10",
  totalstock: "1.000000",
  code: "SISE",
  profit: "0.000000000000",
  cost: "10",
  unitprice: "10",
  totalamount: "",
  tlamaount: "10",
  explanation: "SISE",
  type: "CH",
  total: "0",
};

const positionChanges: Readonly<Record<string, Row>> = {
  halfShare: { totalstock: "0.500000" },
  wordForNumber: { code: "ULKER", totalstock: "-" },
  noCode: { code: "", explanation: "" },
};

/** Rows of real form that a client may be unable to read, by endpoint and what is strange in them. */
export function strangeRows(endpoint: string, now: Date, habits: Habits): Readonly<Record<string, Row>> {
  switch (endpoint) {
    case "TodaysTransaction":
      return changed(otherOrder(now, habits), orderChanges);
    case "InstantPosition":
      return changed(positionRow, positionChanges);
    default:
      return {};
  }
}

function changed(row: Row, changes: Readonly<Record<string, Row>>): Record<string, Row> {
  return Object.fromEntries(Object.entries(changes).map(([name, change]) => [name, { ...row, ...change }]));
}

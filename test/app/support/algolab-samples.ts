/**
 * What AlgoLab's answers look like: the contract of its parsers and its simulator. Figures, texts and forms are those of
 * the sources; references, ids and account numbers are made up in the real form.
 */
export interface AnswerSample {
  readonly what: string;
  readonly source: string;
  readonly endpoint: string;
  readonly answer: unknown;
  /** What a reader must make of it, in part. */
  readonly reads: unknown;
}

export interface FrameSample {
  readonly what: string;
  readonly source: string;
  readonly frame: { readonly Type: "T" | "D" | "O"; readonly Content: Readonly<Record<string, string | number>> };
}

const documentation = "AlgoLab documentation 1.0.5 (atillayurtseven/AlgoLab, ALGOLAB_API_Documentation.md at 71f2342)";
const newer = "newer text of the documentation (coinfxpro/algoweb, api_doc.md)";
const listing = "answers of a live account printed in official-style Python examples (2024-07-30)";
const open = "left open by the sources: a habit of the simulator";

const succeeded = (content: unknown, message = "") => ({ success: true, message, content });

/** An open order of 2024 as listed; each sample changes what it is about. */
const order = {
  atpref: "FO1AB2",
  ticker: "SKBNK",
  buysell: "Alış",
  ordersize: "1",
  remainingsize: "1",
  price: "0",
  amount: "3.93",
  transactiontime: "30.07.2024 00:00:00",
  timetransaction: "30.07.2024 15:57:11",
  valor: "30.07.2024",
  status: "11101",
  waitingprice: "3.93",
  description: "İletildi",
  transactionId: "20240730FO1AB2",
  equityStatusDescription: "WAITING",
  shortfall: "0",
  timeinforce: "0",
  fillunit: "0",
};
const deleted = { remainingsize: "0", status: "00000", description: "Silindi", equityStatusDescription: "DELETED" };
const done = { remainingsize: "0", status: "00000", description: "Gerçekleşti", equityStatusDescription: "DONE" };

function listed(what: string, source: string, change: object, reads: object): AnswerSample {
  return { what, source, endpoint: "TodaysTransaction", answer: succeeded([{ ...order, ...change }]), reads: [reads] };
}

const orders: readonly AnswerSample[] = [
  listed(
    "an open order",
    listing,
    { ticker: "AKBNK", ordersize: "25", remainingsize: "25", amount: "1562.5", waitingprice: "62.5" },
    {
      reference: "FO1AB2",
      transactionId: "20240730FO1AB2",
      symbol: "AKBNK",
      side: "BUY",
      quantity: 25n,
      filled: 0n,
      orderPrice: 62_50n,
      receivedAt: new Date("2024-07-30T15:57:11+03:00"),
      progress: "OPEN",
      problems: [],
    },
  ),
  listed(
    "a repriced order, whose IMPROVE_DEMAND stays",
    listing,
    { description: "İyileştirildi", equityStatusDescription: "IMPROVE_DEMAND" },
    {
      progress: "OPEN",
      filled: 0n,
      orderPrice: 3_93n,
      problems: [],
    },
  ),
  listed(
    "a deleted order: nothing remains and nothing was filled",
    listing,
    { ...deleted, ordersize: "3", amount: "11.97", waitingprice: "3.99" },
    {
      progress: "CANCELLED",
      quantity: 3n,
      filled: 0n,
      problems: [],
    },
  ),
  listed(
    "a sale filled at a better price than its limit, its amount by the limit",
    listing,
    {
      ...done,
      ticker: "DAGI",
      buysell: "Satış",
      ordersize: "115",
      price: "8.9",
      amount: "1022.35",
      waitingprice: "8.89",
      fillunit: "115",
    },
    { side: "SELL", progress: "FILLED", filled: 115n, averagePrice: "8.9", orderPrice: 8_89n, problems: [] },
  ),
  listed(
    "a filled order with whole prices",
    listing,
    {
      ...done,
      ticker: "LOGO",
      buysell: "Satış",
      ordersize: "30",
      price: "111",
      amount: "3330",
      waitingprice: "111",
      fillunit: "30",
    },
    { progress: "FILLED", filled: 30n, averagePrice: "111", orderPrice: 111_00n, problems: [] },
  ),
  listed(
    "a filled order of 2022, with six decimals and no time in force",
    documentation,
    {
      ...done,
      atpref: "0013A2",
      ticker: "TSKB",
      price: "2.050000",
      amount: "2.050000",
      waitingprice: "2.050000",
      transactiontime: "27.05.2022 00:00:00",
      timetransaction: "27.05.2022 11:47:32",
      valor: "27.05.2022",
      transactionId: "0000-291A5D-IET",
      timeinforce: "",
      fillunit: "1",
    },
    { reference: "0013A2", progress: "FILLED", averagePrice: "2.050000", orderPrice: 2_05n, problems: [] },
  ),
  listed(
    "a request to delete that waits",
    documentation,
    { description: "Silme Talebi Alındı", equityStatusDescription: "DELETE_DEMAND" },
    { progress: "OPEN", problems: [] },
  ),
  listed(
    "a request to reprice that waits",
    documentation,
    { description: "İyileştirme Talebi Alındı", equityStatusDescription: "IMPROVE_DEMAND" },
    { progress: "OPEN", problems: [] },
  ),
  listed(
    "a refused request to delete: the order lives on",
    documentation,
    { description: "Silme Reddedildi" },
    { progress: "OPEN", problems: [] },
  ),
  listed(
    "a refused request to reprice: the order lives on",
    documentation,
    { description: "İyileştirme Reddedildi" },
    { progress: "OPEN", problems: [] },
  ),
  listed(
    "an order that the exchange refused",
    documentation,
    { ...deleted, description: "Emir Reddedildi" },
    { progress: "REJECTED", problems: [] },
  ),
  listed(
    "the rest of a market order that was ended",
    documentation,
    {
      ...deleted,
      description: "KIE Emri Silindi",
      ordersize: "100",
      waitingprice: "0",
      amount: "160",
      price: "4.000000",
      fillunit: "40",
    },
    { progress: "EXPIRED", filled: 40n, orderPrice: 0n, problems: [] },
  ),
  listed(
    "a part fill that goes on",
    documentation,
    {
      ordersize: "3000",
      remainingsize: "1483",
      description: "Kısmi Gerçekleşti",
      equityStatusDescription: "PARTIAL",
      price: "3.930000",
      fillunit: "1517",
    },
    { progress: "OPEN", quantity: 3000n, filled: 1517n, problems: [] },
  ),
  listed(
    "a part fill that was deleted with nothing remaining",
    open,
    { ...deleted, ordersize: "3000", price: "3.93", fillunit: "1517" },
    {
      progress: "CANCELLED",
      quantity: 3000n,
      filled: 1517n,
      problems: [],
    },
  ),
  listed(
    "a part fill that ended as DONE at the limit of the day",
    "a client in production (ElifPinarBalbal/Merdiven, algolab/portfolio/connectQueues.js)",
    { ...done, ordersize: "100", price: "3.93", fillunit: "40" },
    {
      progress: "CANCELLED",
      quantity: 100n,
      filled: 40n,
      problems: [],
    },
  ),
  listed(
    "a part fill that ended as PARTIAL, the rest remaining",
    open,
    {
      ordersize: "100",
      remainingsize: "60",
      status: "00000",
      description: "Kısmi Gerçekleşti",
      equityStatusDescription: "PARTIAL",
      price: "3.93",
      fillunit: "40",
    },
    { progress: "CANCELLED", filled: 40n, problems: [] },
  ),
  listed("a side in capitals", open, { buysell: "ALIŞ" }, { side: "BUY", problems: [] }),
  listed(
    "a short sale",
    open,
    { buysell: "Açığa Satış", shortfall: "1" },
    { side: undefined, progress: "OPEN", problems: [{ field: "buysell" }] },
  ),
  listed(
    "an unknown status",
    open,
    { description: "Askıya Alındı" },
    { progress: undefined, filled: 0n, problems: [{ field: "description" }] },
  ),
  listed(
    "half a share",
    open,
    { ordersize: "100.500000" },
    { quantity: undefined, filled: 0n, problems: [{ field: "ordersize" }] },
  ),
  listed(
    "a price at four decimals",
    open,
    { waitingprice: "0.1234" },
    { orderPrice: undefined, progress: "OPEN", problems: [{ field: "waitingprice" }] },
  ),
  listed(
    "an order without a reference",
    open,
    { atpref: "" },
    { reference: undefined, progress: "OPEN", problems: [{ field: "atpref" }] },
  ),
];

const total = {
  maliyet: "0",
  totalstock: "0",
  code: "-",
  profit: "-",
  cost: "9406.07",
  unitprice: "0",
  totalamount: "0",
  tlamaount: "0",
  explanation: "total",
  type: "0",
  total: "0",
};
const share = {
  maliyet: "22.96",
  totalstock: "44.000000",
  code: "BMSCH",
  profit: "-17.600000000000",
  cost: "22.96",
  unitprice: "22.56",
  totalamount: "",
  tlamaount: "992.64",
  explanation: "BMSCH",
  type: "CH",
  total: "0",
};
const lira = {
  maliyet: "0",
  totalstock: "0",
  code: "TRY",
  profit: "0",
  cost: "0",
  unitprice: "1",
  totalamount: "",
  tlamaount: "659.83",
  explanation: "TRY",
  type: "CA",
  total: "0",
};

const statementRow = {
  transdate: "26.07.2024 11:23:46",
  explanation: "26/07/2024 Ref = FO1AB2 HS 22.560000",
  debit: "150.000000",
  credit: "0",
  balance: "0",
  valuedate: "30.07.2024 00:00:00",
};

const none = (names: string) => Object.fromEntries(names.split(" ").map((name) => [name, "-"]));

export const answerSamples: readonly AnswerSample[] = [
  ...orders,
  {
    what: "positions of shares, lira and all",
    source: listing,
    endpoint: "InstantPosition",
    answer: succeeded([
      total,
      share,
      lira,
      {
        ...share,
        maliyet: "130.928571428571",
        totalstock: "28.000000",
        code: "VAKKO",
        profit: "-137.9999999999880000000000",
        cost: "130.928571428571",
        unitprice: "126",
        tlamaount: "3528",
        explanation: "VAKKO",
      },
    ]),
    reads: [
      {
        symbol: "BMSCH",
        quantity: "44",
        cost: "22.96",
        lastPrice: "22.56",
        marketValue: "992.64",
        profit: "-17.600000000000",
        problems: [],
      },
      { symbol: "VAKKO", quantity: "28", cost: "130.928571428571", marketValue: "3528", problems: [] },
    ],
  },
  {
    what: "a position without decimals",
    source: documentation,
    endpoint: "InstantPosition",
    answer: succeeded([
      {
        ...share,
        maliyet: "2.05",
        totalstock: "1",
        code: "TSKB",
        profit: "0",
        cost: "2.05",
        unitprice: "2.05",
        tlamaount: "2.05",
        explanation: "TSKB",
      },
    ]),
    reads: [{ symbol: "TSKB", quantity: "1", marketValue: "2.05", problems: [] }],
  },
  {
    what: "half a share beside others",
    source: open,
    endpoint: "InstantPosition",
    answer: succeeded([{ ...share, totalstock: "0.500000" }, share]),
    reads: [
      { symbol: "BMSCH", quantity: undefined, problems: [{ field: "totalstock" }] },
      { quantity: "44", problems: [] },
    ],
  },
  {
    what: "a share's limits and prices",
    source: documentation,
    endpoint: "GetEquityInfo",
    answer: succeeded({
      name: "TSKB",
      flr: "1.840",
      clg: "2.240",
      ask: "2.060",
      bid: "2.050",
      lst: "2.060",
      limit: "0.00",
      min: "",
      max: "",
      step: "",
    }),
    reads: { symbol: "TSKB", limits: { floor: 1_84n, ceiling: 2_24n }, last: "2.060" },
  },
  {
    what: "an instrument without limits",
    source: open,
    endpoint: "GetEquityInfo",
    answer: succeeded({
      name: "XYZAB.V",
      flr: "",
      clg: "",
      ask: "2.060",
      bid: "2.050",
      lst: "2.060",
      limit: "0.00",
      min: "",
      max: "",
      step: "",
    }),
    reads: { symbol: "XYZAB.V", limits: undefined, last: "2.060" },
  },
  {
    what: "one sub-account",
    source: listing,
    endpoint: "GetSubAccounts",
    answer: succeeded([{ number: "100", tradeLimit: "7248.61" }]),
    reads: [{ number: "100", tradeLimit: "7248.61" }],
  },
  {
    what: "two sub-accounts",
    source: documentation,
    endpoint: "GetSubAccounts",
    answer: succeeded([
      { number: "100", tradeLimit: "1000.00" },
      { number: "101", tradeLimit: "2000.00" },
    ]),
    reads: [{ number: "100" }, { number: "101", tradeLimit: "2000.00" }],
  },
  {
    what: "cash of three days",
    source: listing,
    endpoint: "CashFlow",
    answer: succeeded({ t0: "0.00", t1: "12739.82", t2: "11671.98" }, "Canceled"),
    reads: { t0: "0.00", t1: "12739.82", t2: "11671.98" },
  },
  ...[true, false].map((isList): AnswerSample => {
    const figures = {
      t0: "0",
      t1: "0",
      t2: "0",
      t0stock: "0",
      t1stock: "0",
      t2stock: "0",
      t0equity: "0",
      t1equity: "0",
      t2equity: "0",
      t0overall: "0",
      t1overall: "0",
      t2overall: "0",
      t0capitalrate: "0",
      t1capitalrate: "0",
      t2capitalrate: "0",
      netoverall: "0",
      shortfalllimit: "0",
      credit0: "0",
    };
    return {
      what: isList ? "risk as a list" : "risk as one object",
      source: isList ? documentation : "two public clients read an object (Python, JavaScript)",
      endpoint: "RiskSimulation",
      answer: succeeded(isList ? [figures] : figures),
      reads: { t0: "0", netoverall: "0", credit0: "0" },
    };
  }),
  {
    what: "a statement of shares, lira and fees",
    source: listing,
    endpoint: "AccountExtre",
    answer: succeeded({
      accountextre: [
        { ...statementRow, transdate: "01.01.0001 00:00:00", explanation: "Devir", debit: "0" },
        {
          ...statementRow,
          transdate: "26.07.2024 10:18:49",
          explanation: "26/07/2024 Ref = FO1AB3 HA 38.64",
          debit: "0",
          credit: "44.000000",
          balance: "44.000000",
        },
        { ...statementRow, explanation: "26/07/2024 Ref = FO1AB4 HA 8.59", debit: "0", credit: "1", balance: "1" },
        statementRow,
        {
          ...statementRow,
          explanation: "26/07/2024 Ref = FO1AB3 HA 38.64x44 ARDYZ",
          debit: "1700.160000",
          balance: "-1700.160000",
        },
        {
          ...statementRow,
          explanation: "26/07/2024 Ref = FO1AB2 HS 22.560000x150.000000 AGROT",
          debit: "0",
          credit: "3384.000000",
          balance: "1683.840000",
        },
        {
          ...statementRow,
          explanation: "Matrah 46691.83 Oran 0.002 Komisyon Tutarı",
          debit: "93.380000",
          balance: "1590.460000",
        },
        {
          ...statementRow,
          explanation: "Hisse Borsa Payı Hacimsel Komisyon",
          debit: "1.230000",
          balance: "1589.230000",
        },
        { ...statementRow, explanation: "00000000-100 Nolu Hesabın Banka Takas İşlemi", debit: "1589.230000" },
      ],
      viopextre: [none("shortlong transactiondate contract credit debit units price balance currency")],
    }),
    reads: {
      fills: [
        { reference: "FO1AB3", tradingDay: "2024-07-26", side: "BUY", quantity: 44n, price: "38.64" },
        { reference: "FO1AB4", side: "BUY", quantity: 1n, price: "8.59" },
        { reference: "FO1AB2", side: "SELL", quantity: 150n, price: "22.560000" },
      ],
    },
  },
  ...["2024-07-26T17:00:00", "2024-07-26T17:00:00+03:00"].map((date): AnswerSample => ({
    what: `a bar of ${date}`,
    source: "shape in AlgolabAPI Response.cs and atillayurtseven/AlgoLab ornek.py, which reads both forms of dates",
    endpoint: "GetCandleData",
    answer: succeeded([{ date, open: 62.5, high: 62.75, low: 62.4, close: 62.55, volume: 125400 }]),
    reads: [
      { openTime: new Date("2024-07-26T14:00:00Z"), open: "62.5", close: "62.55", volume: "125400", problems: [] },
    ],
  })),
  ...[
    ["as in 2022", documentation, "Referans Numaranız: 001VAB;0000-2923AB-IET - HISSEOK", "001VAB"],
    ["as in 2024", newer, "Referans Numaranız: FO1AB2;20240730FO1AB2 - HISSEOK", "FO1AB2"],
  ].map(([what, source = "", content, reads]): AnswerSample => ({
    what: `an order that was taken, ${what}`,
    source,
    endpoint: "SendOrder",
    answer: succeeded(content),
    reads,
  })),
  ...["İşlem bakiyesi yetersiz.TradeLimitInsufficient", "InvalidUnitsInvalidUnits"].map((content): AnswerSample => ({
    what: `a refusal under success: true, ${content}`,
    source: "clients of live accounts; the first in ElifPinarBalbal/Merdiven, algolab/core/sendOrder.js",
    endpoint: "SendOrder",
    answer: succeeded(content),
    reads: undefined,
  })),
  ...["IYILESOK", "Success"].flatMap((word): AnswerSample[] => {
    const endpoint = word === "Success" ? "DeleteOrder" : "ModifyOrder";
    const taken = { outcome: "taken" };
    return [
      {
        what: `${word} as an object`,
        source: newer,
        endpoint,
        answer: succeeded({ message: word, duration: "-" }, word),
        reads: taken,
      },
      { what: `${word} as text`, source: documentation, endpoint, answer: succeeded(word), reads: taken },
      { what: `${word} in the message alone`, source: open, endpoint, answer: succeeded(null, word), reads: taken },
    ];
  }),
  ...(["content", "message"] as const).map((place): AnswerSample => {
    const text = "Emir kapalı.OrderClosed";
    const inContent = { message: place === "content" ? text : "", duration: "-" };
    return {
      what: `a refused request under success: true, in its ${place}`,
      source: open,
      endpoint: "DeleteOrder",
      answer: succeeded(inContent, place === "message" ? text : ""),
      reads: { outcome: "refused", text },
    };
  }),
  {
    what: "an acknowledgement with capital names",
    source: "ALGOLABAPI/AlgolabAPI, Response.cs",
    endpoint: "DeleteOrder",
    answer: { Success: true, Message: "Success", Content: { message: "Success", duration: "-" } },
    reads: { outcome: "taken" },
  },
  {
    what: "no futures",
    source: documentation,
    endpoint: "ViopCustomerOverall",
    answer: succeeded([
      none(
        "contract contractname shortlong units putcall shortbalance longbalance openpositiontotal exerciseunits " +
          "waitingexerciseunits unitnominal totalcost profit profitloss dailyprofitloss potprofit fininstid",
      ),
    ]),
    reads: undefined,
  },
];

export const frameSamples: readonly FrameSample[] = [
  {
    what: "a trade on the lower limit: no one bids, and brokers are named",
    source: newer,
    frame: {
      Type: "T",
      Content: {
        Symbol: "PEHOL",
        Market: "IMKBH",
        Price: 2.48,
        Change: -0.27,
        Ask: 2.48,
        Bid: 0.0,
        Date: "2024-09-25T14:46:35+03:00",
        ChangePercentage: -9.82,
        High: 2.48,
        Low: 2.48,
        TradeQuantity: 100.0,
        Direction: "B",
        RefPrice: 2.75,
        BalancePrice: 0.0,
        BalanceAmount: 0.0,
        Buying: "Midas",
        Selling: "Seker",
      },
    },
  },
  {
    what: "a row of a book, to seven decimals of a second",
    source: documentation,
    frame: {
      Type: "D",
      Content: {
        Symbol: "F_HEKTS0522",
        Market: "VIP",
        Direction: "B",
        Row: 20,
        Quantity: 3,
        Price: 29.49,
        OrderCount: 1,
        Date: "2022-05-30T17:25:05.7561532+03:00",
      },
    },
  },
  {
    what: "the best row of a book, to the second",
    source: newer,
    frame: {
      Type: "D",
      Content: {
        Symbol: "ESEN",
        Market: "IMKBH",
        Direction: "B",
        Row: 0,
        Quantity: 8348,
        Price: 20.04,
        OrderCount: 128,
        Date: "2024-09-25T14:51:18+03:00",
      },
    },
  },
  {
    what: "a filled order",
    source: newer,
    frame: {
      Type: "O",
      Content: {
        Id: "fe00000000000000000000000000937f",
        Date: "2024-09-25T15:30:25.61",
        Direction: 1,
        Symbol: "TSKB",
        Lot: 1.0,
        PriceType: 0,
        Price: 11.78,
        Comment: "Referans Numaranız: FO1AB2;20240925FO1AB2 - HISSEOK ",
        Status: 2,
        Channel: "DenizYatirimHcp",
        ExecutedLot: 1.0,
        ExecutedPrice: 11.77,
      },
    },
  },
  {
    what: "a waiting order of 2022, in words",
    source: documentation,
    frame: {
      Type: "O",
      Content: {
        Id: "xabcd",
        Date: "2022-05-30T11:51:59+03:00",
        Direction: "BUY",
        Symbol: "GARAN",
        Lot: 1,
        PriceType: "Market",
        Price: 22.78,
        Comment: "Açıklama",
        Status: "Waiting",
        Channel: "",
      },
    },
  },
];

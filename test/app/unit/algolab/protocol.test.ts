import { checker, decrypt, encrypt, socketChecker } from "../../../../app/packages/algolab/crypto";
import { parseEnvelope } from "../../../../app/packages/algolab/envelope";
import { acknowledgementOf } from "../../../../app/packages/algolab/acknowledgement";
import { parseAccountStatement, statementFill } from "../../../../app/packages/algolab/account-statement";
import { parseBrokerOrders } from "../../../../app/packages/algolab/broker-order";
import { parseCandles, parseEquityInfo, parsePositions } from "../../../../app/packages/algolab/messages";
import { orderReference } from "../../../../app/packages/algolab/order-reference";
import { formatBrokerTime, parseBrokerTime } from "../../../../app/packages/algolab/time";

/** The sample key of the broker's public documentation. */
const documentedKey = "API-04YW0b9Cb8S0MrgBw/Y4iPYi2hjIidW7qj4hrhBhwZg=";

describe("AlgoLab's cryptography", () => {
  test("encrypts as the documented vector", () => {
    expect(encrypt(documentedKey, "10000000146")).toBe("H7x5QI34UAaWh1LSdyqc/g==");
    expect(decrypt(documentedKey, "H7x5QI34UAaWh1LSdyqc/g==")).toBe("10000000146");
  });

  test.each([
    ["/api/SessionRefresh", "", "0090c45dc666d8d5cdf998b71c97beb52f430e671f799deb6cda6f0653f38672"],
    ["/api/GetEquityInfo", '{"symbol":"TSKB"}', "7a4ff0b635739ae53f4dfb8c27941ff550853848292ef38f1a782ef9ecd27ced"],
    ["/api/GetEquityInfo", '{ "symbol": "TSKB" }', "7a4ff0b635739ae53f4dfb8c27941ff550853848292ef38f1a782ef9ecd27ced"],
  ])("signs %s %s", (path, body, signature) => {
    expect(checker(documentedKey, path, body)).toBe(signature);
  });

  test("signs the opening of the socket", () => {
    expect(socketChecker(documentedKey)).toBe("74a8943aedf110e4eae2cdf611c23e83b7d0351ce3744c1ab6c7527c1acf1826");
  });

  test("refuses a malformed key without repeating it", () => {
    expect(() => encrypt("API-short", "x")).toThrow("malformed; use API-<base64 of 32 bytes>");
    expect(() => encrypt("API-short", "x")).not.toThrow("short");
  });
});

describe("AlgoLab's answers", () => {
  test.each(['{"success":true,"message":"","content":[1]}', '{"Success":true,"Message":"","Content":[1]}'])(
    "are read in either case: %s",
    (text) => {
      expect(parseEnvelope(text)).toEqual({ success: true, message: "", content: [1] });
    },
  );

  test.each(["", "null", "[]", "<html>", '{"success":"yes"}'])("are not guessed from %p", (text) => {
    expect(() => parseEnvelope(text)).toThrow(SyntaxError);
  });

  test.each([
    ["Referans Numaranız: 001VEV;0000-2923NR-IET - HISSEOK", "001VEV"],
    ["İşlem bakiyesi yetersiz.TradeLimitInsufficient", undefined],
    ["Referans Numaranız: ;", undefined],
  ])("to an order, %p, carry the reference %p", (text, reference) => {
    expect(orderReference(text)).toBe(reference);
  });

  const row = {
    atpref: "FO1AB2",
    ticker: "TSKB",
    buysell: "Satış",
    ordersize: "100",
    remainingsize: "60",
    fillunit: "40",
    price: "12.050000",
    waitingprice: "12.050000",
    timetransaction: "30.07.2024 09:48:43",
    transactionId: "20240730FO1AB2",
    status: "11101",
    description: "Kısmi Gerçekleşti",
    equityStatusDescription: "PARTIAL",
  };
  test("list today's orders", () => {
    expect(parseBrokerOrders([row])).toEqual([
      {
        reference: "FO1AB2",
        transactionId: "20240730FO1AB2",
        symbol: "TSKB",
        side: "SELL",
        quantity: 100n,
        filled: 40n,
        averagePrice: "12.050000",
        orderPrice: 12_05n,
        receivedAt: new Date("2024-07-30T06:48:43Z"),
        progress: "OPEN",
        description: "Kısmi Gerçekleşti",
        problems: [],
      },
    ]);
  });

  const deleted = { status: "00000", remainingsize: "0", equityStatusDescription: "DELETED" };
  test.each([
    [{ description: "İletildi", equityStatusDescription: "WAITING" }, "OPEN"],
    [{ description: "İyileştirildi", equityStatusDescription: "IMPROVE_DEMAND" }, "OPEN"],
    [{ description: "Silme Talebi Alındı", equityStatusDescription: "DELETE_DEMAND", status: "00000" }, "OPEN"],
    [{ description: "Silme Reddedildi", equityStatusDescription: "DELETE_DEMAND" }, "OPEN"],
    [{ description: "Gerçekleşti", equityStatusDescription: "DONE", status: "00000", fillunit: "100" }, "FILLED"],
    [{ description: "GERÇEKLEŞTİ", equityStatusDescription: "DONE", status: "", fillunit: "100" }, "FILLED"],
    [{ description: "Gerçekleşti", equityStatusDescription: "DONE", status: "00000" }, "CANCELLED"],
    [{ description: "Kısmi Gerçekleşti", equityStatusDescription: "PARTIAL", status: "00000" }, "CANCELLED"],
    [{ ...deleted, description: "Silindi" }, "CANCELLED"],
    [{ ...deleted, description: "SİLİNDİ", status: "" }, "CANCELLED"],
    [{ ...deleted, description: "Silindi", equityStatusDescription: "IMPROVE_DEMAND" }, "CANCELLED"],
    [{ ...deleted, description: "Emir Reddedildi" }, "REJECTED"],
    [{ ...deleted, description: "KIE Emri Silindi" }, "EXPIRED"],
    [{ ...deleted, description: "KPY EMRİ SİLİNDİ" }, "EXPIRED"],
    [{ description: "Askıda" }, undefined],
  ])("mean by %p the progress %s", (change, progress) => {
    expect(parseBrokerOrders([{ ...row, ...change }])[0]?.progress).toBe(progress);
  });

  test.each([
    [{ buysell: "Açığa Satış" }, { side: undefined, problems: [{ field: "buysell", found: "Açığa Satış" }] }],
    [{ buysell: "ALIŞ" }, { side: "BUY", problems: [] }],
    [{ buysell: "alis" }, { side: "BUY", problems: [] }],
    [{ fillunit: "10.5" }, { filled: undefined, quantity: 100n, problems: [{ field: "fillunit", found: "99.9" }] }],
    [{ waitingprice: "8.8950" }, { orderPrice: undefined, filled: 40n }],
    [{ waitingprice: "8.890000" }, { orderPrice: 8_89n, problems: [] }],
    [{ atpref: "" }, { reference: undefined, filled: 40n }],
    [{ timetransaction: "yesterday" }, { receivedAt: undefined, filled: 40n }],
  ])("are read field by field: %j", (change, read) => {
    const [changed, other] = parseBrokerOrders([{ ...row, ...change }, row]);
    expect(changed).toMatchObject(read);
    expect(other?.problems).toEqual([]);
  });

  test.each([null, 7, "row", []])("are read row by row: %j", (none) => {
    const [broken, other] = parseBrokerOrders([none, row]);
    expect(broken).toMatchObject({ reference: undefined, problems: [{ field: "row" }] });
    expect(other?.reference).toBe("FO1AB2");
  });

  test("that are no list are not read", () => {
    expect(() => parseBrokerOrders({})).toThrow(SyntaxError);
  });

  test("list holdings without cash and total", () => {
    const share = {
      type: "CH",
      code: "BMSCH",
      totalstock: "44.000000",
      totalamount: "",
      tlamaount: "992.64",
      cost: "130.928571428571",
      maliyet: "130.928571428571",
      unitprice: "22.56",
      profit: "-4768.21714285712400000000",
    };
    const cash = { type: "CA", code: "TRY", totalstock: "0", totalamount: "", tlamaount: "659.83" };
    expect(parsePositions([share, { ...share, totalstock: "0.5" }, cash, { type: "0", code: "-" }])).toMatchObject([
      { symbol: "BMSCH", quantity: "44", marketValue: "992.64", cost: "130.928571428571", problems: [] },
      { symbol: "BMSCH", quantity: undefined, problems: [{ field: "totalstock", found: "9.9" }] },
    ]);
  });

  test.each([
    ["BMSCH", "BMSCH"],
    ["ALTIN.S1", "ALTIN.S1"],
    ["F_XU0301226", "F_XU0301226"],
    ["THYAO E", "THYAO E"],
    ["<script>", undefined],
    ["GARAN\r\nAKBNK", undefined],
    ["A".repeat(33), undefined],
    ["", undefined],
  ])("name an instrument by what can be a code: %j", (code, symbol) => {
    const [read] = parsePositions([{ code, totalstock: "1", unitprice: "1", tlamaount: "1", cost: "1", profit: "0" }]);
    expect(read?.symbol).toBe(symbol);
    expect(read?.problems.map(({ field }) => field)).toEqual(symbol === undefined ? ["code"] : []);
  });

  test.each([
    [
      { flr: "1.840", clg: "2.240" },
      { floor: 1_84n, ceiling: 2_24n },
    ],
    [{ flr: "0.00", clg: "0.00" }, undefined],
    [{ flr: "", clg: "" }, undefined],
    [{}, undefined],
    [{ flr: "2.24", clg: "1.84" }, undefined],
  ])("say the limits of an instrument: %j", (fields, limits) => {
    expect(parseEquityInfo({ name: "TSKB", ...fields }).limits).toEqual(limits);
  });

  test.each([
    [{ message: "IYILESOK", content: { message: "", duration: "0:0" } }, { outcome: "taken" }],
    [{ message: "", content: "Success" }, { outcome: "taken" }],
    [{ message: "", content: { message: "İYİLEŞOK", duration: null } }, { outcome: "taken" }],
    [
      { message: "Success", content: { message: "Emir kapalı", duration: 1 } },
      { outcome: "refused", text: "Emir kapalı" },
    ],
    [
      { message: "InvalidUnits", content: null },
      { outcome: "refused", text: "InvalidUnits" },
    ],
    [{ message: "", content: {} }, { outcome: "unreadable" }],
    // Only text is words: SessionRefresh answers `content: true`.
    [{ message: "Success", content: true }, { outcome: "taken" }],
    [{ message: "IYILESOK", content: { message: 0, duration: 1 } }, { outcome: "taken" }],
    [{ message: "", content: true }, { outcome: "unreadable" }],
    [{ message: "", content: 1 }, { outcome: "unreadable" }],
    [
      { message: "Emir kapalı", content: false },
      { outcome: "refused", text: "Emir kapalı" },
    ],
  ])("acknowledge a request, %j, as %j", (answer, acknowledgement) => {
    expect(acknowledgementOf({ success: true, ...answer })).toEqual(acknowledgement);
  });

  test.each([
    {},
    { accountextre: null, viopextre: [] },
    { message: "Sistem yoğun", duration: "-" },
    { accountextre: {} },
  ])("that have no list of shares are no statement without rows: %j", (content) => {
    expect(() => parseAccountStatement(content)).toThrow(SyntaxError);
  });

  test("state the fills of past days", () => {
    const entry = { transdate: "2024-07-26T00:00:00", balance: "0", valuedate: "2024-07-30T00:00:00" };
    const { equity } = parseAccountStatement({
      accountextre: [
        { ...entry, explanation: "26/07/2024 Ref = FO1AB2 HS 22.560000", debit: "44.000000", credit: "" },
        { ...entry, explanation: "26/07/2024 Ref = FO1AB3 HA 38.640000", debit: "", credit: "44" },
        { ...entry, explanation: "26/07/2024 Ref = FO1AB3 HA 38.64x44 ARDYZ", debit: "1700.16", credit: "" },
        { ...entry, explanation: "Devir", debit: "", credit: "44" },
      ],
      viopextre: [],
    });
    expect(equity.map(statementFill)).toEqual([
      { reference: "FO1AB2", tradingDay: "2024-07-26", side: "SELL", quantity: 44n, price: "22.560000" },
      { reference: "FO1AB3", tradingDay: "2024-07-26", side: "BUY", quantity: 44n, price: "38.640000" },
      undefined,
      undefined,
    ]);
  });

  test.each(["2024-09-25T14:00:00", "2024-09-25T14:00:00+03:00", "2024-09-25T11:00:00Z"])(
    "date a candle %s",
    (date) => {
      const [candle] = parseCandles([{ date, open: 1.84, high: "1.9", low: 1.8, close: 1.85, volume: 100 }]);
      expect(candle).toEqual({
        openTime: new Date("2024-09-25T11:00:00Z"),
        open: "1.84",
        high: "1.9",
        low: "1.8",
        close: "1.85",
        volume: "100",
        problems: [],
      });
    },
  );
});

test("the broker's clock is Istanbul's", () => {
  const time = new Date("2024-07-30T06:48:43Z");
  expect(formatBrokerTime(time)).toBe("30.07.2024 09:48:43");
  expect(parseBrokerTime("30.07.2024 09:48:43")).toEqual(time);
  expect(() => parseBrokerTime("2024-07-30")).toThrow("expected dd.MM.yyyy HH:mm:ss");
});

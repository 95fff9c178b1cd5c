import { checker, decrypt, encrypt, socketChecker } from "../../../../app/packages/algolab/crypto";
import { parseEnvelope } from "../../../../app/packages/algolab/envelope";
import { parseBrokerOrders, parsePositions } from "../../../../app/packages/algolab/messages";
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
    [null, undefined],
  ])("to an order, %p, carry the reference %p", (content, reference) => {
    expect(orderReference(content)).toBe(reference);
  });

  const row = {
    atpref: "0013QR",
    ticker: "TSKB",
    buysell: "Satış",
    ordersize: "100",
    remainingsize: "40",
    price: "12.050000",
    waitingprice: "12.050000",
    timetransaction: "30.07.2024 09:48:43",
    transactionId: "20240730FO1NP0",
    description: "Kısmi Gerçekleşti",
    equityStatusDescription: "PARTIAL",
  };
  test("list today's orders", () => {
    expect(parseBrokerOrders([row])).toEqual([
      {
        reference: "0013QR",
        transactionId: "20240730FO1NP0",
        symbol: "TSKB",
        side: "SELL",
        quantity: "100",
        remaining: "40",
        averagePrice: "12.050000",
        orderPrice: "12.050000",
        receivedAt: "30.07.2024 09:48:43",
        state: "PARTIALLY_FILLED",
        description: "Kısmi Gerçekleşti",
      },
    ]);
  });

  test.each([
    [{ equityStatusDescription: "WAITING", remainingsize: "100", description: "İletildi" }, "OPEN"],
    [{ equityStatusDescription: "DELETE_DEMAND", description: "Silme Talebi Alındı" }, "PARTIALLY_FILLED"],
    [{ equityStatusDescription: "DONE", remainingsize: "0", description: "Gerçekleşti" }, "FILLED"],
    [{ equityStatusDescription: "DELETED", description: "Silindi" }, "CANCELLED"],
    [{ equityStatusDescription: "DELETED", description: "Emir Reddedildi" }, "REJECTED"],
    [{ equityStatusDescription: "DELETED", description: "KIE Emri Silindi" }, "EXPIRED"],
  ])("mean by %p the state %s", (change, state) => {
    expect(parseBrokerOrders([{ ...row, ...change }])[0]?.state).toBe(state);
  });

  test.each([
    [{}],
    [[{ ...row, atpref: "" }]],
    [[{ ...row, buysell: "?" }]],
    [[{ ...row, equityStatusDescription: "" }]],
  ])("that make no sense are not read: %j", (content) => {
    expect(() => parseBrokerOrders(content)).toThrow(SyntaxError);
  });

  test("list holdings without cash and total", () => {
    const share = { type: "CH", code: "GARAN", totalstock: "44.000000", cost: "100.00", unitprice: "101" };
    expect(parsePositions([share, { type: "CA", code: "TRY" }, { type: "CH", code: "-" }])).toEqual([
      { symbol: "GARAN", quantity: "44.000000", cost: "100.00", lastPrice: "101", marketValue: "", profit: "" },
    ]);
  });
});

test("the broker's clock is Istanbul's", () => {
  const time = new Date("2024-07-30T06:48:43Z");
  expect(formatBrokerTime(time)).toBe("30.07.2024 09:48:43");
  expect(parseBrokerTime("30.07.2024 09:48:43")).toEqual(time);
  expect(() => parseBrokerTime("2024-07-30")).toThrow("expected dd.MM.yyyy HH:mm:ss");
});

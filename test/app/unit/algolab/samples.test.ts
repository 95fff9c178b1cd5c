import { parseAccountStatement, statementFill } from "../../../../app/packages/algolab/account-statement";
import { acknowledgementOf, textsOf } from "../../../../app/packages/algolab/acknowledgement";
import { parseBrokerOrders } from "../../../../app/packages/algolab/broker-order";
import { parseEnvelope } from "../../../../app/packages/algolab/envelope";
import type { Envelope } from "../../../../app/packages/algolab/envelope";
import * as messages from "../../../../app/packages/algolab/messages";
import { orderReference } from "../../../../app/packages/algolab/order-reference";
import { parseFrame } from "../../../../app/services/market-data/feed/frame";
import { answerSamples, frameSamples } from "../../support/algolab-samples";

/** How the client reads each endpoint. */
const readers: Readonly<Record<string, (answer: Envelope) => unknown>> = {
  TodaysTransaction: ({ content }) => parseBrokerOrders(content),
  InstantPosition: ({ content }) => messages.parsePositions(content),
  GetEquityInfo: ({ content }) => messages.parseEquityInfo(content),
  GetSubAccounts: ({ content }) => messages.parseSubAccounts(content),
  CashFlow: ({ content }) => messages.parseCashFlow(content),
  RiskSimulation: ({ content }) => messages.parseRisk(content),
  GetCandleData: ({ content }) => messages.parseCandles(content),
  AccountExtre: ({ content }) => ({
    fills: parseAccountStatement(content).equity.flatMap((row) => statementFill(row) ?? []),
  }),
  SendOrder: (answer) =>
    textsOf(answer)
      .map(orderReference)
      .find((found) => found !== undefined),
  ModifyOrder: acknowledgementOf,
  DeleteOrder: acknowledgementOf,
};

const read = answerSamples.filter(({ endpoint }) => endpoint in readers);

test.each(read.map((sample) => [sample.endpoint, sample.what, sample] as const))(
  "%s reads %s",
  (endpoint, _what, { answer, reads }) => {
    const value = readers[endpoint]?.(parseEnvelope(JSON.stringify(answer)));
    if (typeof reads === "object" && reads !== null) expect(value).toMatchObject(reads);
    else expect(value).toBe(reads);
  },
);

test.each(frameSamples.map((sample) => [sample.what, sample] as const))("the socket reads %s", (_what, { frame }) => {
  const { type, fields } = parseFrame(JSON.stringify(frame));
  expect(type).toBe(frame.Type);
  expect(fields).toMatchObject({
    symbol: frame.Content["Symbol"],
    date: frame.Content["Date"],
    price: String(frame.Content["Price"]),
  });
});

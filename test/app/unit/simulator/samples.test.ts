import { openSocket } from "../../../../app/packages/algolab/socket";
import { formatPrice } from "../../../../app/packages/bist/price";
import { habits } from "../../../../app/packages/simulator/habits";
import type { Habits } from "../../../../app/packages/simulator/habits";
import { testApiKey } from "../../../../app/packages/simulator/test-key";
import { answerSamples, frameSamples } from "../../support/algolab-samples";
import { SimulatedCustomer } from "./simulated-customer";

type Row = Readonly<Record<string, unknown>>;

/** What a value looks like, without what it says: `22.560000` is a decimal of six places. */
const forms: readonly (readonly [form: string, pattern: RegExp])[] = [
  ["empty", /^$/],
  ["dash", /^-$/],
  ["five flags", /^[01]{5}$/],
  ["whole number", /^-?\d+$/],
  ["decimal of three places", /^-?\d+\.\d{3}$/],
  ["decimal of six places", /^-?\d+\.\d{6}$/],
  ["decimal of two places at most", /^-?\d+\.\d{1,2}$/],
  ["long decimal", /^-?\d+\.\d+$/],
  ["day", /^\d{2}\.\d{2}\.\d{4}$/],
  ["midnight", /^\d{2}\.\d{2}\.\d{4} 00:00:00$/],
  ["time", /^\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}:\d{2}$/],
  ["ISO with offset", /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+03:00$/],
  ["ISO of seven decimals with offset", /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{7}\+03:00$/],
  ["local ISO", /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/],
  ["local ISO with fractions", /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d+$/],
  ["32 hex digits", /^[0-9a-f]{32}$/],
  ["reference", /^[A-Z0-9]{6}$/],
  ["id of 2024", /^\d{8}[A-Z0-9]{6}$/],
  ["id of 2022", /^0000-[A-Z0-9]{6}-IET$/],
  ["acknowledged order", /^Referans Numaranız: \w{6};[\w-]+ - HISSEOK ?$/],
  ["fill", /^\d{2}\/\d{2}\/\d{4} Ref = \w{6} H[AS] \d+\.\d+(x\d+(\.0+)? \w+)?$/],
];

function formOf(value: unknown): string {
  if (typeof value !== "string") return typeof value;
  return forms.find(([, pattern]) => pattern.test(value))?.[0] ?? "text";
}

/** Every field of every object within an answer: `content.price decimal of six places`. */
function shapesOf(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => shapesOf(item, path));
  if (typeof value !== "object" || value === null) return [`${path}: ${formOf(value)}`];
  return Object.entries(value).flatMap(([name, field]) => shapesOf(field, `${path}.${name}`));
}

const namesOf = (value: unknown) => shapesOf(value, "").map((shape) => shape.split(": ")[0]);

const contentOf = (answer: unknown) => {
  const { content, Content } = answer as { content?: unknown; Content?: unknown };
  return content ?? Content;
};
const sampled = (endpoint: string) =>
  answerSamples.filter((sample) => sample.endpoint === endpoint).map(({ answer }) => contentOf(answer));

/** Fields that the sources have in other forms as well, under a rule that the samples cannot show. */
const alsoAllowed: Readonly<Record<string, readonly string[]>> = {
  // Sums of whole lira, and shares without a fraction.
  InstantPosition: [".cost: whole number", ".tlamaount: whole number", ".unitprice: decimal of two places at most"],
  TodaysTransaction: [".amount: decimal of six places", ".waitingprice: whole number"],
  RiskSimulation: ["t0", "t1", "t2"]
    .flatMap((day) => ["", "stock", "equity", "overall"].map((kind) => day + kind))
    .concat("netoverall")
    .map((name) => `.${name}: decimal of two places at most`),
};

describe.each(habits.map((set, index) => [index, set] as const))("under habits %i", (index, set) => {
  let customer: SimulatedCustomer;
  const answers = new Map<string, unknown>();
  const frames: { Type: string; Content: Row }[] = [];

  beforeAll(async () => {
    customer = await SimulatedCustomer.start({ habits: set, symbols: ["GARAN", "THYAO"], openingCash: "10000000.00" });
    const { simulator } = customer;
    const socket = openSocket({ baseUrl: simulator.url, apiKey: testApiKey, hash: customer.hash });
    socket.on("message", (data: Buffer) => frames.push(JSON.parse(data.toString()) as (typeof frames)[0]));
    await new Promise((resolve) => socket.once("open", resolve));
    for (const Type of ["T", "D"]) socket.send(JSON.stringify({ Type, Token: customer.hash, Symbols: ["ALL"] }));
    await everyAnswer(customer, answers);
    while (!["T", "D", "O"].every((type) => frames.some(({ Type }) => Type === type))) {
      simulator.advance();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    socket.terminate();
  });
  afterAll(() => customer.stop());

  test.each([
    ...["TodaysTransaction", "InstantPosition", "GetEquityInfo", "GetSubAccounts", "CashFlow", "RiskSimulation"],
    ...["AccountExtre", "GetCandleData", "SendOrder", "ViopCustomerOverall"],
  ])("the answer of %s has the fields of a sample", (endpoint) => {
    const content = contentOf(answers.get(endpoint));
    if (endpoint === "GetCandleData" && set.candles !== "answers") {
      expect(content ?? null).toBeNull();
      return;
    }
    expect(new Set(namesOf(content))).toEqual(new Set(namesOf(sampled(endpoint))));
    // Other habits have forms of which there is no sample.
    if (index > 0) return;
    const known = new Set([...shapesOf(sampled(endpoint), ""), ...(alsoAllowed[endpoint] ?? [])]);
    expect(shapesOf(content, "").filter((shape) => !known.has(shape))).toEqual([]);
  });

  test("what it sends by the socket has the fields of a sample", () => {
    for (const type of ["T", "D", "O"]) {
      const samples = frameSamples.map(({ frame }) => frame).filter(({ Type }) => Type === type);
      const seen = frames.filter(({ Type }) => Type === type);
      expect(seen.length).toBeGreaterThan(0);
      for (const { Content } of seen) {
        expect(samples.map((sample) => Object.keys(sample.Content).join())).toContain(Object.keys(Content).join());
        const known = new Set(samples.flatMap((sample) => shapesOf(sample.Content, "")));
        expect(shapesOf(Content, "").filter((shape) => !known.has(shape))).toEqual([]);
      }
    }
  });

  test("acknowledges where the habit says, in an envelope with the habit's names", () => {
    const answer = answers.get("DeleteOrder") as Row;
    expect(Object.keys(answer)).toEqual(
      set.envelopeNames === "PascalCase" ? ["Success", "Message", "Content"] : ["success", "message", "content"],
    );
    const content = contentOf(answer);
    const said = typeof content === "string" ? content : (content as Row)["message"];
    const names = typeof content === "object" ? Object.keys(content ?? {}) : undefined;
    expect(names).toEqual(set.acknowledgementContent === "text" ? undefined : ["message", "duration"]);
    expect([answer["message"] ?? answer["Message"], said]).toEqual(wordsOf(set));
  });

  test("answers 401 or 404 to who asks for an order's history, in a session that lives on", async () => {
    expect(await customer.status("GetEquityOrderHistory", { id: "FO1AB2", subAccount: "" })).toBe(
      Number(set.orderHistory),
    );
    await customer.session.refresh();
  });
});

const wordsOf = ({ acknowledgedIn }: Habits) => [
  acknowledgedIn === "content" ? "" : "Success",
  acknowledgedIn === "message" ? "" : "Success",
];

/** Trades a little, so that every list has rows, and asks for each. */
async function everyAnswer(customer: SimulatedCustomer, answers: Map<string, unknown>): Promise<void> {
  const { simulator } = customer;
  const ask = async (endpoint: string, body: object = { Subaccount: "" }) => {
    const answer = await customer.ask(endpoint, body);
    answers.set(endpoint, answer);
    return answer;
  };
  const limits = simulator.exchange.market.shares.get("GARAN")?.limits;
  const order = { symbol: "GARAN", direction: "Buy", pricetype: "limit", price: formatPrice(limits?.floor ?? 0n) };
  await ask("SendOrder", { ...order, lot: "3000", sms: false, email: false, subAccount: "" });
  const [first] = simulator.exchange.ordersOf(customer.name);
  if (first === undefined) throw new Error("the order was not taken");
  simulator.exchange.fill(first.reference, 1517n, first.price);
  await ask("TodaysTransaction");
  await ask("DeleteOrder", { id: first.reference, subAccount: "" });
  await ask("InstantPosition");
  await ask("RiskSimulation");
  await ask("CashFlow");
  await ask("GetSubAccounts", {});
  await ask("GetEquityInfo", { symbol: "GARAN" });
  await ask("GetCandleData", { symbol: "GARAN", period: "60" });
  await ask("ViopCustomerOverall");
  simulator.clockAheadMs = 20 * 86_400_000;
  await ask("AccountExtre", { start: "2020-01-01T00:00:00", end: "2040-01-01T00:00:00", Subaccount: "" });
}

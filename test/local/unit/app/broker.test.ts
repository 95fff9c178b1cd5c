import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { algolabSection } from "../../../../app/packages/algolab/config";
import { ForwardProxy } from "../../../../app/packages/algolab/forward-proxy";
import { freePort } from "../../../../app/packages/embedded/free-port";
import { readConfig } from "../../../../app/packages/kit/config/read";
import { testApiKey } from "../../../../app/packages/simulator/test-key";
import { tradingSection } from "../../../../app/services/broker-integration/config";
import {
  givenBroker,
  givenBrokerLines,
  givenBrokerVariables,
  simulatedBrokerVariables,
  whyUnreachable,
} from "../../../../local/app/broker";
import type { Secrets } from "../../../../local/app/secrets";
import type { Variables } from "../../../../local/app/settings";

const generatedKey = `API-${Buffer.alloc(32, 3).toString("base64")}`;
const secrets = { brokerApiKey: generatedKey, brokerSessionSecret: "s".repeat(48) } as Secrets;
const given = { ALGOLAB_API_URL: "http://127.0.0.1:5005", ALGOLAB_API_KEY: testApiKey };

/** What the services make of an environment and what is set beside it. */
const servicesWith = (environment: Variables, own: Variables) =>
  readConfig({ trading: tradingSection, broker: algolabSection }, { ...environment, ...own });

describe("a broker that ALGOLAB_API_URL names", () => {
  test.each([{}, { ALGOLAB_API_URL: "" }, { ALGOLAB_API_KEY: testApiKey }])("is none in %j", (environment) => {
    expect(givenBroker(environment, secrets)).toBeUndefined();
  });

  test("is taken with its key, and keeps a name for its data", () => {
    expect(givenBroker(given, secrets)).toMatchObject({ baseUrl: "http://127.0.0.1:5005", name: "127.0.0.1-5005" });
    const code = { ALGOLAB_API_URL: "https://www.algolab.com.tr/", ALGOLAB_API_CODE: testApiKey.slice(4) };
    expect(givenBroker(code, secrets)).toMatchObject({ name: "www.algolab.com.tr" });
    // Each customer may give a key with the login.
    expect(givenBroker({ ALGOLAB_API_URL: given.ALGOLAB_API_URL }, secrets)).toMatchObject({ name: "127.0.0.1-5005" });
  });

  test.each<[Variables, string]>([
    [{ ALGOLAB_API_URL: "127.0.0.1:5005", ALGOLAB_API_KEY: testApiKey }, "ALGOLAB_API_URL"],
    [{ ...given, ALGOLAB_API_KEY: "hunter2" }, "ALGOLAB_API_KEY"],
    [{ ...given, ALGOLAB_PROXY_URL: "http://a:hunter2@proxy" }, "ALGOLAB_PROXY_URL carries credentials"],
  ])("%# is refused with what would be right", (environment, message) => {
    expect(() => givenBroker(environment, secrets)).toThrow(message);
    expect(() => givenBroker(environment, secrets)).not.toThrow("hunter2");
  });

  test("has the exchange's hours and its own pace, unless the environment says otherwise", () => {
    const own = givenBrokerVariables(secrets);
    expect(servicesWith(given, own).trading).toMatchObject({ hours: "exchange", requestIntervalMs: 5_000 });
    const free = { ...given, TRADING_HOURS: "always", ALGOLAB_REQUEST_INTERVAL_MS: "0" };
    expect(servicesWith(free, own).trading).toMatchObject({ hours: "always", requestIntervalMs: 0 });
    expect(servicesWith(given, own).broker).toMatchObject({ baseUrl: given.ALGOLAB_API_URL, apiKey: testApiKey });
  });

  test("is told in the start's lines, with what somebody has to do", () => {
    const proxy = new ForwardProxy({ url: new URL("http://proxy.example:3128"), credentials: "user:hunter2" });
    const broker = { baseUrl: "http://127.0.0.1:5005", name: "broker", proxy };
    const lines = givenBrokerLines(broker, "/app", "connect ECONNREFUSED").join("\n");
    expect(lines).toMatch(/127\.0\.0\.1:5005, through the proxy proxy\.example:3128.*no simulator[^]*ECONNREFUSED/);
    expect(lines).toMatch(/SMS[^]*operator@bist-trading\.local[^]*\/app\/secrets\.json[^]*TRADING_HOURS/);
    expect(lines).not.toContain("hunter2");
    expect(givenBrokerLines(broker, "/app").join("\n")).not.toContain("cannot be reached");
  });
});

test("the simulator is reached directly, whatever the environment says of another broker", () => {
  const environment = {
    ALGOLAB_API_CODE: testApiKey.slice(4),
    ALGOLAB_API_KEY_FILE: "/nowhere",
    ALGOLAB_PROXY_URL: "http://proxy.example:3128",
    ALGOLAB_PROXY_CREDENTIALS: "user:password",
    ALGOLAB_SESSION_SECRET_FILE: "/nowhere",
    TRADING_HOURS: "exchange",
  };
  const { trading, broker } = servicesWith(
    environment,
    simulatedBrokerVariables(environment, secrets, "http://127.0.0.1:1"),
  );
  expect(trading).toMatchObject({ hours: "always", requestIntervalMs: 250 });
  expect(broker).toMatchObject({ baseUrl: "http://127.0.0.1:1", apiKey: generatedKey, proxy: undefined });
});

describe("whether a broker can be reached", () => {
  test("is known without a word to it", async () => {
    let heard = "";
    const server = createServer((socket) => socket.on("data", (data) => (heard += data.toString()))).listen(
      0,
      "127.0.0.1",
    );
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    expect(await whyUnreachable({ baseUrl: `http://127.0.0.1:${port}`, name: "", proxy: undefined })).toBeUndefined();
    await new Promise((resolve) => server.close(resolve));
    expect(heard).toBe("");
  });

  test("is no where nobody listens, nobody has the name, or the proxy is away", async () => {
    const free = await freePort();
    const at = (baseUrl: string, proxy?: ForwardProxy) => whyUnreachable({ baseUrl, name: "", proxy });
    expect(await at(`http://127.0.0.1:${free}`)).toContain("ECONNREFUSED");
    expect(await at(`https://127.0.0.1:${free}`)).toContain("ECONNREFUSED");
    expect(await at("https://broker.invalid")).toContain("broker.invalid");
    const proxy = new ForwardProxy({ url: new URL(`http://127.0.0.1:${free}`) });
    expect(await at("https://broker.invalid", proxy)).toContain(`the proxy 127.0.0.1:${free} cannot be reached`);
  });
});

import { algolabSection } from "../../../../app/packages/algolab/config";
import { readConfig } from "../../../../app/packages/kit/config/read";
import { testApiKey } from "../../../../app/packages/simulator/test-key";

const credentials = "trader:pa:ss wörd";

describe("the proxy's variables", () => {
  const environment = { ALGOLAB_API_KEY: testApiKey, ALGOLAB_SESSION_SECRET: "thirty-two characters, at the least" };
  const read = (more: Record<string, string>) =>
    readConfig({ broker: algolabSection }, { ...environment, ...more }).broker.proxy;

  test("may be left out: then nothing is between", () => {
    expect(read({})).toBeUndefined();
  });

  test.each([
    ["http://proxy.example.com:3128", "proxy.example.com:3128"],
    ["https://proxy.example.com", "proxy.example.com"],
    ["http://192.0.2.7:8080/", "192.0.2.7:8080"],
  ])("%s is %s", (url, address) => {
    expect(read({ ALGOLAB_PROXY_URL: url, ALGOLAB_PROXY_CREDENTIALS: credentials })?.address).toBe(address);
  });

  test.each([
    [{ ALGOLAB_PROXY_URL: "http://trader:hunter2@proxy:3128" }, "carries credentials; put them into"],
    [{ ALGOLAB_PROXY_URL: "http://hunter2@proxy:3128" }, "carries credentials; put them into"],
    [{ ALGOLAB_PROXY_URL: "socks5://proxy:1080" }, "ALGOLAB_PROXY_URL is not usable; expected"],
    [{ ALGOLAB_PROXY_URL: "proxy:3128" }, "ALGOLAB_PROXY_URL is not usable; expected"],
    ...["/path?hunter2", "?", "#", "/?", "/#", "?hunter2", "#hunter2", "//", "\\hunter2"].map(
      (end): [Record<string, string>, string] => [
        { ALGOLAB_PROXY_URL: `http://proxy:3128${end}` },
        "ALGOLAB_PROXY_URL has more than scheme, host and port; leave the rest out",
      ],
    ),
    [{ ALGOLAB_PROXY_URL: "http://proxy:port" }, "ALGOLAB_PROXY_URL is not usable; expected"],
    [{ ALGOLAB_PROXY_CREDENTIALS: "trader:hunter2" }, "is set without ALGOLAB_PROXY_URL"],
    [
      { ALGOLAB_PROXY_URL: "http://proxy:3128", ALGOLAB_PROXY_CREDENTIALS: "hunter2" },
      "ALGOLAB_PROXY_CREDENTIALS is not usable; expected user:password",
    ],
    [
      { ALGOLAB_PROXY_URL: "http://proxy:3128", ALGOLAB_PROXY_CREDENTIALS: "trader:hunter2\r\nHost: x" },
      "ALGOLAB_PROXY_CREDENTIALS is not usable; expected user:password",
    ],
  ])("%# are refused, and not repeated", (more, message) => {
    expect(() => read(more)).toThrow(message);
    expect(() => read(more)).not.toThrow("hunter2");
  });
});

import { algolabSection } from "../../../../app/packages/algolab/config";
import { SessionVault } from "../../../../app/packages/algolab/session-vault";
import { readConfig } from "../../../../app/packages/kit/config/read";
import { testApiKey } from "../../../../app/packages/simulator/test-key";

const secret = "thirty-two characters, at the least";

describe("SessionVault", () => {
  const vault = new SessionVault(secret);

  test("opens what it sealed, and seals the same differently each time", () => {
    const [one, other] = [vault.seal("row 1", "a hash"), vault.seal("row 1", "a hash")];
    expect(vault.open("row 1", one)).toBe("a hash");
    expect(one.equals(other)).toBe(false);
  });

  test("opens nothing that was moved to another row, changed, or sealed with another secret", () => {
    const sealed = vault.seal("row 1", "a hash");
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    expect(() => vault.open("row 2", sealed)).toThrow();
    expect(() => vault.open("row 1", changed)).toThrow();
    expect(() => new SessionVault(`${secret}!`).open("row 1", sealed)).toThrow();
  });

  test("knows a customer again without keeping the number", () => {
    expect(vault.fingerprint("10000000146")).toEqual(vault.fingerprint("10000000146"));
    expect(vault.fingerprint("10000000146")).not.toEqual(new SessionVault(`${secret}!`).fingerprint("10000000146"));
  });
});

describe("the broker's variables", () => {
  const read = (environment: Record<string, string>) =>
    readConfig({ broker: algolabSection }, { ALGOLAB_SESSION_SECRET: secret, ...environment }).broker;

  test("take the key whole or as its code, and the broker's own host unless told otherwise", () => {
    const code = testApiKey.slice(4);
    for (const [name, value] of [
      ["ALGOLAB_API_KEY", testApiKey],
      ["ALGOLAB_API_CODE", code],
      ["ALGOLAB_API_CODE", testApiKey],
    ] as const) {
      expect(read({ [name]: value })).toMatchObject({ apiKey: testApiKey, baseUrl: "https://www.algolab.com.tr" });
    }
  });

  test("are complete without a key: customers have their own", () => {
    expect(read({})).toMatchObject({ apiKey: undefined });
    expect(read({ ALGOLAB_API_KEY: "", ALGOLAB_API_CODE: "" })).toMatchObject({ apiKey: undefined });
  });

  test.each([
    [{ ALGOLAB_API_KEY: `${testApiKey}\r\nX: y` }, "malformed; use API-<base64 of 32 bytes>"],
    [{ ALGOLAB_API_KEY: testApiKey, ALGOLAB_API_URL: "ftp://broker" }, 'ALGOLAB_API_URL is "ftp://broker"; expected'],
    [{ ALGOLAB_API_KEY: testApiKey, ALGOLAB_API_URL: "http://a:b@broker" }, "ALGOLAB_API_URL has more than"],
    ...["?x=1", "?", "#", "/api?"].map((end): [Record<string, string>, string] => [
      { ALGOLAB_API_KEY: testApiKey, ALGOLAB_API_URL: `http://broker${end}` },
      "ALGOLAB_API_URL has more than",
    ]),
    [{ ALGOLAB_API_KEY: "API-short" }, "malformed; use API-<base64 of 32 bytes>"],
    [{ ALGOLAB_API_KEY: testApiKey, ALGOLAB_API_CODE: "other" }, "differ; set one"],
    [{ ALGOLAB_API_KEY: testApiKey, ALGOLAB_SESSION_SECRET: "short" }, "ALGOLAB_SESSION_SECRET is not usable"],
  ])("%# are refused with what would be right", (environment, message) => {
    expect(() => read(environment)).toThrow(message);
  });
});

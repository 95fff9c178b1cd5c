import { PassThrough } from "node:stream";
import { SessionVault } from "../../../../app/packages/algolab/session-vault";
import { createLogger } from "../../../../app/packages/kit/observability/logger";
import { PersonalDataVault } from "../../../../app/services/user-management/crypto/personal-data-vault";

function lineOf(fields: object): string {
  const output = new PassThrough();
  createLogger("test", "info", output).info(fields, "an event");
  return String(output.read());
}

describe("a line of the log", () => {
  test.each([
    ["sealed sessions", new SessionVault("a secret of at least 32 characters")],
    ["personal data", new PersonalDataVault([{ id: "1", key: Buffer.alloc(32, 7) }])],
  ])("holds no key of the vault of %s, however deep the vault is", (_, vault) => {
    for (const fields of [vault, { vault }, { options: { vault } }]) {
      expect(lineOf(fields)).toContain("an event");
      expect(lineOf(fields)).not.toMatch(/"Buffer"|"data"/);
    }
  });

  test("shows lists as they are", () => {
    expect(JSON.parse(lineOf({ services: ["one", "other"] }))).toMatchObject({ services: ["one", "other"] });
  });
});

import { currentJournal } from "../../../ops/core/lease";
import { describeWhere } from "../../support/skip";
import { FakeApplication } from "../support/application";
import { Harness } from "../support/harness";
import { SecretCopier } from "../support/secret-copier";
import { worldMissing } from "../support/world";

jest.setTimeout(300_000);

describeWhere(worldMissing(), "a rotation", () => {
  const application = new FakeApplication();
  let harness: Harness;
  let secret: SecretCopier;

  beforeAll(async () => {
    harness = new Harness(await application.listen());
  });
  beforeEach(async () => {
    await harness.reset();
    secret = new SecretCopier(harness);
    await secret.start();
  });
  afterEach(() => secret.remove());
  afterAll(() => application.close());

  test("of the keys of personal data puts a new one first, keeps those before, and restarts who reads them", async () => {
    const { code, told } = await harness.ops("rotate encryption");
    expect([told, code]).toEqual([told, 0]);
    const { encryptionKeys, lookupSecret } = await secret.inForce();
    expect(encryptionKeys).toMatch(/^2:[A-Za-z0-9+/]{43}=,1:Zmlyc3Q=$/);
    expect(lookupSecret).toBe(SecretCopier.first.lookupSecret);
    const restarted = Object.entries(harness.restarts()).flatMap(([name, at]) => (at === undefined ? [] : [name]));
    expect(restarted).toEqual(["user-management-service-blue"]);
    const journal = JSON.stringify((await currentJournal(harness.records))?.journal);
    expect(journal).not.toContain(encryptionKeys.split(",")[0]?.slice(2));
    expect(told).not.toContain(encryptionKeys.slice(2, 20));
  });

  test("puts the value before in force again when the cluster never gets the new one", async () => {
    await secret.stop();
    expect(await harness.ops("rotate encryption")).toMatchObject({
      code: 5,
      answer: { reason: expect.stringContaining("the copies of encryption in the cluster") as string },
    });
    expect(await secret.inForce()).toEqual(SecretCopier.first);
  });

  test("of what is not there, or not known, is refused", async () => {
    expect(await harness.ops("rotate jwt")).toMatchObject({ code: 3 });
    expect(await harness.ops("rotate everything")).toMatchObject({ code: 2 });
  });
});

import { currentJournal } from "../../../ops/core/operation-lease";
import { describeWhere } from "../../support/skip";
import { FakeApplication } from "../support/application";
import { Harness } from "../support/harness";
import { encryption, jwt, SecretCopier } from "../support/secret-copier";
import { testEnvironmentMissing } from "../support/test-environment";

jest.setTimeout(300_000);

describeWhere(testEnvironmentMissing(), "a rotation", () => {
  const application = new FakeApplication();
  let harness: Harness;
  let secret: SecretCopier;
  const begin = async (copied: ConstructorParameters<typeof SecretCopier>[1]) => {
    secret = new SecretCopier(harness, copied);
    await secret.start();
  };
  const restarted = () => Object.entries(harness.restarts()).flatMap(([name, at]) => (at === undefined ? [] : [name]));

  beforeAll(async () => {
    harness = new Harness(await application.listen());
  });
  beforeEach(() => harness.reset());
  afterEach(() => secret.remove());
  afterAll(() => application.close());

  test("of the keys of personal data puts a new one first, keeps those before, and restarts who reads them", async () => {
    await begin(encryption);
    const { code, stderr } = await harness.ops("rotate encryption");
    expect([stderr, code]).toEqual([stderr, 0]);
    const { encryptionKeys = "", lookupSecret } = await secret.inForce();
    expect(encryptionKeys).toMatch(/^2:[A-Za-z0-9+/]{43}=,1:Zmlyc3Q=$/);
    expect(lookupSecret).toBe(encryption.first.lookupSecret);
    expect(restarted()).toEqual(["user-management-service-blue"]);
    const journal = JSON.stringify((await currentJournal(harness.records))?.journal);
    expect(journal).not.toContain(encryptionKeys.split(",")[0]?.slice(2));
    expect(stderr).not.toContain(encryptionKeys.slice(2, 20));
  });

  test("of what signs access tokens keeps the one before, whose tokens stay good", async () => {
    await begin(jwt);
    const { code, stderr } = await harness.ops("rotate jwt");
    expect([stderr, code]).toEqual([stderr, 0]);
    expect(await secret.inForce()).toEqual({
      secret: expect.stringMatching(/^[A-Za-z0-9]{64}$/) as string,
      previous: jwt.first.secret,
    });
    expect(restarted()).toEqual(["user-management-service-blue"]);
  });

  test("puts the value before in force again when the cluster never gets the new one", async () => {
    await begin(encryption);
    await secret.stop();
    expect(await harness.ops("rotate encryption")).toMatchObject({
      code: 5,
      answer: { reason: expect.stringContaining("the copies of encryption in the cluster") as string },
    });
    expect(await secret.inForce()).toEqual(encryption.first);
  });

  test("of what is not there, or not known, is refused", async () => {
    await begin(encryption);
    expect(await harness.ops("rotate jwt")).toMatchObject({ code: 3 });
    expect(await harness.ops("rotate everything")).toMatchObject({ code: 2 });
  });
});

import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { setTimeout as sleep } from "node:timers/promises";
import { clientOptions } from "../../../ops/aws/clients";
import { currentJournal } from "../../../ops/core/lease";
import { describeWhere } from "../../support/skip";
import { FakeApplication } from "../support/application";
import { Harness } from "../support/harness";
import { worldMissing } from "../support/world";

jest.setTimeout(300_000);

const first = { encryptionKeys: "1:Zmlyc3Q=", lookupSecret: "a-lookup" };

describeWhere(worldMissing(), "a rotation", () => {
  const application = new FakeApplication();
  let harness: Harness;
  let secrets: SecretsManagerClient;
  let SecretId: string;
  const copier = { copies: true, stopped: Promise.resolve() };

  beforeAll(async () => {
    harness = new Harness(await application.listen());
    secrets = new SecretsManagerClient(clientOptions(harness.environment));
    SecretId = `${harness.environment.prefix}/encryption`;
  });
  beforeEach(async () => {
    await harness.reset();
    await secrets.send(new CreateSecretCommand({ Name: SecretId, SecretString: JSON.stringify(first) }));
    copier.copies = true;
    copier.stopped = copy();
  });
  afterEach(async () => {
    copier.copies = false;
    await copier.stopped;
    await secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
  });
  afterAll(() => application.close());

  const inForce = async () => {
    const { SecretString = "" } = await secrets.send(new GetSecretValueCommand({ SecretId }));
    return JSON.parse(SecretString) as typeof first;
  };

  /** What External Secrets does: this control plane has no controllers but Kubernetes's own. */
  async function copy(): Promise<void> {
    const ownerReferences = [
      { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", name: "user-management", uid: "0" },
    ];
    let known = "";
    while (copier.copies) {
      await sleep(100);
      const { encryptionKeys } = await inForce();
      if (encryptionKeys === known) continue;
      known = encryptionKeys;
      harness.kubectl.apply([
        {
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: "user-management-0", namespace: harness.namespace, ownerReferences },
          stringData: { DATA_ENCRYPTION_KEYS: encryptionKeys },
        },
      ]);
    }
  }

  test("of the keys of personal data puts a new one first, keeps those before, and restarts who reads them", async () => {
    const { code, told } = await harness.ops("rotate encryption");
    expect([told, code]).toEqual([told, 0]);
    const { encryptionKeys, lookupSecret } = await inForce();
    expect(encryptionKeys).toMatch(/^2:[A-Za-z0-9+/]{43}=,1:Zmlyc3Q=$/);
    expect(lookupSecret).toBe(first.lookupSecret);
    const restarted = Object.entries(harness.restarts()).flatMap(([name, at]) => (at === undefined ? [] : [name]));
    expect(restarted).toEqual(["user-management-service-blue"]);
    const journal = JSON.stringify((await currentJournal(harness.records))?.journal);
    expect(journal).not.toContain(encryptionKeys.split(",")[0]?.slice(2));
    expect(told).not.toContain(encryptionKeys.slice(2, 20));
  });

  test("puts the value before in force again when the cluster never gets the new one", async () => {
    copier.copies = false;
    await copier.stopped;
    expect(await harness.ops("rotate encryption")).toMatchObject({
      code: 5,
      answer: { reason: expect.stringContaining("the copies of encryption in the cluster") as string },
    });
    expect(await inForce()).toEqual(first);
  });

  test("of what is not there, or not known, is refused", async () => {
    expect(await harness.ops("rotate jwt")).toMatchObject({ code: 3 });
    expect(await harness.ops("rotate everything")).toMatchObject({ code: 2 });
  });
});

import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { clientOptions } from "../../../ops/aws/clients";
import type { Harness } from "./harness";

const MOMENT_MS = 100;

/** The keys of personal data, and what External Secrets does: this control plane has no controllers but Kubernetes's own. */
export class SecretCopier {
  static readonly first = { encryptionKeys: "1:Zmlyc3Q=", lookupSecret: "a-lookup" };

  private readonly client: SecretsManagerClient;
  private readonly id: string;
  private copying: Promise<void> | undefined;
  private stopping = false;

  constructor(private readonly harness: Harness) {
    this.client = new SecretsManagerClient(clientOptions(harness.environment));
    this.id = `${harness.environment.prefix}/encryption`;
  }

  /** Makes the secret, and copies it into the cluster from then on. */
  async start(): Promise<void> {
    await this.client.send(
      new CreateSecretCommand({ Name: this.id, SecretString: JSON.stringify(SecretCopier.first) }),
    );
    this.stopping = false;
    this.copying = this.copy();
  }

  /** Copies nothing any more. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.copying;
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.client.send(new DeleteSecretCommand({ SecretId: this.id, ForceDeleteWithoutRecovery: true }));
  }

  async inForce(): Promise<typeof SecretCopier.first> {
    const { SecretString = "" } = await this.client.send(new GetSecretValueCommand({ SecretId: this.id }));
    return JSON.parse(SecretString) as typeof SecretCopier.first;
  }

  private async copy(): Promise<void> {
    const ownerReferences = [
      { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", name: "user-management", uid: "0" },
    ];
    let known = "";
    while (!this.stopping) {
      await sleep(MOMENT_MS);
      const { encryptionKeys } = await this.inForce();
      if (encryptionKeys === known) continue;
      known = encryptionKeys;
      this.harness.kubectl.apply([
        {
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: "user-management-0", namespace: this.harness.namespace, ownerReferences },
          stringData: { DATA_ENCRYPTION_KEYS: encryptionKeys },
        },
      ]);
    }
  }
}

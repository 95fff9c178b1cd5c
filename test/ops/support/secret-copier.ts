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

/** A secret of user-management's, and which variable of its pods takes which of its values. */
interface Copied {
  readonly path: string;
  readonly variable: string;
  readonly property: string;
  readonly first: Readonly<Record<string, string>>;
}

export const encryption = {
  path: "encryption",
  variable: "DATA_ENCRYPTION_KEYS",
  property: "encryptionKeys",
  first: { encryptionKeys: "1:Zmlyc3Q=", lookupSecret: "a-lookup" },
} as const satisfies Copied;

export const jwt = {
  path: "jwt",
  variable: "JWT_SECRET",
  property: "secret",
  first: { secret: "the-first", previous: "" },
} as const satisfies Copied;

/** A secret, and what External Secrets description: this control plane has no controllers but Kubernetes's own. */
export class SecretCopier {
  private readonly client: SecretsManagerClient;
  private readonly id: string;
  private copying: Promise<void> | undefined;
  private stopping = false;

  constructor(
    private readonly harness: Harness,
    private readonly copied: Copied,
  ) {
    this.client = new SecretsManagerClient(clientOptions(harness.environment));
    this.id = `${harness.environment.prefix}/${copied.path}`;
  }

  /** Makes the secret, and copies it into the cluster from then on. */
  async start(): Promise<void> {
    await this.client.send(new CreateSecretCommand({ Name: this.id, SecretString: JSON.stringify(this.copied.first) }));
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

  async inForce(): Promise<Copied["first"]> {
    const { SecretString = "" } = await this.client.send(new GetSecretValueCommand({ SecretId: this.id }));
    return JSON.parse(SecretString) as Copied["first"];
  }

  private async copy(): Promise<void> {
    const ownerReferences = [
      { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", name: "user-management", uid: "0" },
    ];
    let known = "";
    while (!this.stopping) {
      await sleep(MOMENT_MS);
      const value = (await this.inForce())[this.copied.property] ?? "";
      if (value === known) continue;
      known = value;
      this.harness.kubectl.apply([
        {
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: "user-management-0", namespace: this.harness.namespace, ownerReferences },
          stringData: { [this.copied.variable]: value },
        },
      ]);
    }
  }
}

import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { refused } from "../core/outcome";

const fields = z.record(z.string(), z.string());
/** A secret's JSON, by key. */
export type Fields = Readonly<z.infer<typeof fields>>;

const CURRENT = "AWSCURRENT";
const PENDING = "AWSPENDING";

/** The platform's secrets and their versions. Values go through here and into nothing that is kept. */
export class SecretVersions {
  constructor(
    private readonly client: SecretsManagerClient,
    private readonly prefix: string,
  ) {}

  /** Id of the version in force. @throws OperationError with `refused` where there is no value */
  async current(path: string): Promise<string> {
    const stages = await this.stages(path);
    const found = Object.entries(stages).find(([, names]) => names.includes(CURRENT))?.[0];
    if (found === undefined) throw refused(`${this.prefix}/${path} has no value yet: deploy the stack "data" first`);
    return found;
  }

  async read(path: string, VersionId: string): Promise<Fields> {
    const { SecretString = "" } = await this.client.send(
      new GetSecretValueCommand({ SecretId: this.id(path), VersionId }),
    );
    return fields.parse(JSON.parse(SecretString));
  }

  /** Writes a version that is not in force yet. One of that id is there already, whatever it holds. */
  async propose(path: string, id: string, value: () => Fields): Promise<void> {
    if (id in (await this.stages(path))) return;
    await this.client.send(
      new PutSecretValueCommand({
        SecretId: this.id(path),
        ClientRequestToken: id,
        SecretString: JSON.stringify(value()),
        VersionStages: [PENDING],
      }),
    );
  }

  /** Puts a version in force, and keeps the one before for the way back. */
  async enforce(path: string, id: string): Promise<void> {
    const before = await this.current(path);
    if (before === id) return;
    await this.client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: this.id(path),
        VersionStage: CURRENT,
        MoveToVersionId: id,
        RemoveFromVersionId: before,
      }),
    );
  }

  private async stages(path: string): Promise<Readonly<Record<string, readonly string[]>>> {
    try {
      const { VersionIdsToStages = {} } = await this.client.send(
        new DescribeSecretCommand({ SecretId: this.id(path) }),
      );
      return VersionIdsToStages;
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
      throw refused(`There is no secret ${this.id(path)}: deploy the stack "data" first`);
    }
  }

  private id(path: string): string {
    return `${this.prefix}/${path}`;
  }
}

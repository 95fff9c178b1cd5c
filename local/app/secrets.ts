import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What the application on one machine keeps from others. Made once: the data of the next start is sealed with it. */
const recipes = {
  databaseOwnerPassword: () => random(18),
  databaseServicesPassword: () => random(18),
  tokenSecret: () => random(48),
  dataEncryptionKey: () => randomBytes(32).toString("base64"),
  dataLookupSecret: () => random(48),
  brokerSessionSecret: () => random(48),
  brokerApiKey: () => `API-${randomBytes(32).toString("base64")}`,
  /** The administrator whose broker session feeds market data, at the platform and at the broker. */
  operatorPassword: () => random(24),
} as const;

export type Secrets = Readonly<Record<keyof typeof recipes, string>>;

/** Reads the secrets, making the file, or what it lacks, first. Only its owner may read it. */
export function secretsIn(file: string): Secrets {
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Partial<Secrets>) : {};
  const secrets = Object.fromEntries(
    Object.entries(recipes).map(([name, make]) => [name, known[name as keyof Secrets] ?? make()]),
  ) as Secrets;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}

const random = (bytes: number) => randomBytes(bytes).toString("base64url");

import { services, serviceKeys } from "../../../app/packages/contract/services";
import { environment } from "../../../config";

const production = environment("production");
const image = `111122223333.dkr.ecr.us-east-1.amazonaws.com/bist-trading/app@sha256:${"0".repeat(64)}`;

/** What stands for a name that a reader knows and a page does not: every value where they are few, else an example. */
const placeholders: Readonly<Record<string, readonly string[]>> = {
  environment: ["production", "staging"],
  stack: ["production-network"],
  prefix: [production.prefix],
  namespace: [production.trading.namespace],
  domain: [production.edge.domain],
  service: serviceKeys.map((key) => services[key].name),
  colour: ["blue", "green"],
  group: Object.keys(production.cluster.nodeGroups),
  image: [image],
  dump: ["bist_trading_backup_20261123_003000"],
  snapshot: ["bist-trading-postgres-prod-20261123"],
  copy: ["bist_trading_copy"],
  secret: ["jwt", "encryption", "database", "cache"],
  suffix: ["SUFFIX"],
  identifier: [production.database.identifier],
  pod: ["any-pod"],
  "job name": ["database-bootstrap-0123456789"],
  name: ["any-name"],
  node: ["any-node"],
  port: ["8081"],
  pods: ["6"],
  command: ["status"],
  instance: ["i-0123456789abcdef0"],
  address: ["database.example.com"],
  pid: ["4711"],
  folder: ["charts"],
  "customer number": ["10000000001"],
  password: ["any password"],
  "API key": ["API-any"],
  "SMS code": ["123456"],
  "folder of charts": ["charts"],
  chart: ["cert-manager"],
  version: ["1.0.0"],
  "order id": ["0b9f3f7e-6c1d-4c39-9a57-3f0c8f1d2e4b"],
  user: ["5f0a9f7e-6c1d-4c39-9a57-3f0c8f1d2e4b"],
  text: ["any text"],
  lots: ["1517"],
  price: ["10.05"],
  reference: ["FO1AB2"],
};

/** Stand for a shell's variables, and for what a page writes in capitals. */
const variables: Readonly<Record<string, string>> = {
  $image: image,
  $dump: "bist_trading_backup_20261123_003000",
};

/** A text with every placeholder filled in, once for each value; those that nobody knows stay. */
export function filled(written: string): readonly string[] {
  const text = written.replaceAll("<environment>-<stack>", "<stack>");
  const known = [...text.matchAll(/<([A-Za-z][A-Za-z ]*)>/g)].find(([, name = ""]) => placeholders[name] !== undefined);
  if (known === undefined) return [text];
  const [placeholder, name = ""] = known;
  return (placeholders[name] ?? []).flatMap((value) => filled(text.replaceAll(placeholder, value)));
}

export const withVariables = (word: string) => variables[word] ?? word;

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "./stacks";

/** What of a stack's `cdk.tf.json` decides how it is planned. */
interface Configuration {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What a stack reads of the stacks before it, by stack: the names of outputs. */
export function readsOf({ folder, dependencies }: Stack): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(join(folder, "cdk.tf.json"), "utf8");
  return new Map(
    dependencies.map((upstream) => {
      // cdktf names the data source for the stack that it reads.
      const reference = new RegExp(`terraform_remote_state\\.[\\w-]*-${upstream}\\.outputs\\.([\\w-]+)`, "g");
      return [upstream, [...new Set([...text.matchAll(reference)].map(([, name = ""]) => name))].sort()];
    }),
  );
}

/** Types whose refresh fetches a secret's value, which the plan role may not. */
const SECRET_READERS = new Set(["aws_secretsmanager_secret_version", "helm_release", "kubernetes_secret_v1"]);

/**
 * Addresses of a stack's resources that can be refreshed without reading any secret's value; undefined
 * when that is all of them. Left out is also what refers to such a resource: Terraform refreshes what it targets
 * together with all that it needs.
 */
export function withoutSecrets({ folder }: Stack): readonly string[] | undefined {
  const { resource = {} } = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as Configuration;
  const texts = new Map(
    Object.entries(resource).flatMap(([type, named]) =>
      Object.entries(named).map(([name, body]): [string, string] => [`${type}.${name}`, JSON.stringify(body)]),
    ),
  );
  const left = new Set([...texts.keys()].filter((address) => SECRET_READERS.has(address.split(".")[0] ?? "")));
  if (left.size === 0) return undefined;
  for (let before = 0; before !== left.size;) {
    before = left.size;
    for (const [address, text] of texts) {
      if ([...left].some((other) => refersTo(text, other))) left.add(address);
    }
  }
  return [...texts.keys()].filter((address) => !left.has(address));
}

function refersTo(text: string, address: string): boolean {
  return new RegExp(`${address.replaceAll(".", "\\.")}(?![\\w-])`).test(text);
}

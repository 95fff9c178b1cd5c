import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Planned only where the providers of Kubernetes, and somebody else's charts, are at hand. */
const seldomPlanned = ["production-trading", "production-platform", "production-observability"];

interface Reviewed {
  readonly stack: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly plan: Readonly<Record<string, unknown>>;
}

function reviewed(id: string): Reviewed {
  const read = (folder: string): unknown =>
    JSON.parse(readFileSync(join(__dirname, "..", folder, "golden", `${id}.json`), "utf8"));
  const { resource } = read("stacks") as { readonly resource: Reviewed["stack"] };
  return { stack: resource, plan: (read("plan") as { readonly resources: Reviewed["plan"] }).resources };
}

/** Texts of a value that a plan repeats: no reference, nothing said to Terraform itself, nor where a chart comes from. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return value === "" || value.includes("${") ? [] : [value];
  if (typeof value !== "object" || value === null) return [];
  const notPlanned = new Set(["optOuts", "repository", "depends_on", "lifecycle", "provider", "provisioner"]);
  return Object.entries(value).flatMap(([key, child]) => (notPlanned.has(key) ? [] : textsOf(child)));
}

test.each(seldomPlanned)("the reviewed plan of %s has what the stack has, where nothing plans it anew", (id) => {
  const { stack, plan } = reviewed(id);
  const resources = Object.entries(stack).flatMap(([type, ofType]) =>
    Object.entries(ofType).map(([name, body]) => ({ address: `${type}.${name}`, body })),
  );
  expect(Object.keys(plan).sort()).toEqual(resources.map(({ address }) => address).sort());
  const missing = resources.flatMap(({ address, body }) => {
    const planned = new Set(textsOf(plan[address]));
    return textsOf(body).flatMap((text) => (planned.has(text) ? [] : [`${address}: ${text}`]));
  });
  expect(missing).toEqual([]);
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../paths";
import type { ProviderRequirement } from "./mirrors";

/** The AWS provider that every synthesized stack asks for. */
export const awsProvider = () => providerOf("aws");

/** What the stacks in Kubernetes ask for beside it. */
export const kubernetesProviders = () => [providerOf("kubernetes"), providerOf("helm")];

/** The provider whose schema the project's classes were made from. */
function providerOf(name: string): ProviderRequirement {
  const packageName = `@cdktf/provider-${name}`;
  const source = readFileSync(join(projectRoot, `node_modules/${packageName}/lib/provider/index.js`), "utf8");
  const version = /providerVersion: '([\d.]+)'/.exec(source)?.[1];
  if (version === undefined) throw new Error(`${packageName} no longer names its provider's version`);
  return { source: `registry.terraform.io/hashicorp/${name}`, version };
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../paths";
import type { ProviderRequirement } from "./mirrors";

/** The AWS provider whose schema the project's classes were made from: what every synthesized stack asks for. */
export function awsProvider(): ProviderRequirement {
  const source = readFileSync(join(projectRoot, "node_modules/@cdktf/provider-aws/lib/provider/index.js"), "utf8");
  const version = /providerVersion: '([\d.]+)'/.exec(source)?.[1];
  if (version === undefined) throw new Error("@cdktf/provider-aws no longer names its provider's version");
  return { source: "registry.terraform.io/hashicorp/aws", version };
}

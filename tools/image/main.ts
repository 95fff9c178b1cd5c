/**
 * Builds the application's image and pushes it, unless its tag is there already: what Terraform runs when the sources
 * have changed. The tag is a digest of the sources, so whoever comes first builds for everybody.
 *
 *   npm run image -- --image 111122223333.dkr.ecr.us-east-1.amazonaws.com/bist-trading/app:app-… --platforms linux/amd64
 */
import { parseArgs } from "node:util";
import { MissingTool } from "../../local/missing-tool";
import { buildAndPush, findBuilder } from "./builders";
import { EcrRegistry, parseReference } from "./registry";

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { image: { type: "string" }, platforms: { type: "string" } } });
  const { image, platforms } = values;
  if (image === undefined || platforms === undefined)
    throw new Error("usage: image --image <reference> --platforms <list>");
  const reference = parseReference(image);
  const registry = new EcrRegistry(reference.region);
  if (await registry.has(reference)) {
    process.stdout.write(`${image} is there already\n`);
    return;
  }
  const builder = findBuilder();
  process.stdout.write(`building ${image} for ${platforms} with ${builder}\n`);
  buildAndPush(builder, { image, platforms: platforms.split(","), credentials: await registry.credentials(reference) });
  process.stdout.write(`pushed ${image}\n`);
}

main().catch((error: unknown) => {
  const { message, stack } = error as Error;
  process.stderr.write(`image: ${error instanceof MissingTool ? message : (stack ?? message)}\n`);
  process.exitCode = 1;
});

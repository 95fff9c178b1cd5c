/**
 * Builds the application's image and pushes it, unless its tag is there already: what Terraform runs when the sources
 * have changed. The tag is a digest of the sources, so the first run builds for all. Prints the image by its
 * digest.
 *
 *   npm run image -- --image 111122223333.dkr.ecr.us-east-1.amazonaws.com/bist-trading/app:app-… --platforms linux/amd64
 *   npm run image -- --env staging        the same for the image of these sources, where an environment keeps its images
 */
import { parseArgs } from "node:util";
import { STSClient } from "@aws-sdk/client-sts";
import { networkLimits } from "../../app/packages/contract/network-limits";
import { ConfigurationError, environment } from "../../config";
import type { Environment } from "../../config";
import { contentTag } from "../../lib/content-hash";
import { platformsOf } from "../../constructs/aws/image/platforms";
import { MissingTool } from "../../lib/missing-tool";
import { withLocalEndpoints } from "../../lib/emulated-environment";
import { clientOptions } from "../../ops/aws/clients";
import type { ClientOptions } from "../../ops/aws/clients";
import { signedInAs } from "../../ops/aws/identity";
import { OperationError } from "../../ops/core/outcome";
import { imageRepository } from "../../ops/pipeline/image";
import { buildAndPush, findBuilder } from "./builders";
import { manifestWithoutContent } from "./manifest";
import { EcrRegistry, parseReference } from "./registry";
import type { Reference } from "./registry";

const USAGE = "usage: image --env <environment>, or image --image <reference> --platforms <list>";

interface Wanted {
  readonly image: string;
  readonly platforms: readonly string[];
  /** Where the registry is, unless the image's own name says it. */
  readonly client?: ClientOptions;
  /** Whether an emulator is the registry: it holds manifests, and no layer. */
  readonly emulated: boolean;
}

async function main(): Promise<void> {
  const wanted = await read();
  const reference = parseReference(wanted.image);
  const registry = new EcrRegistry(wanted.client ?? { region: reference.region, requestHandler: networkLimits.aws });
  if ((await registry.digest(reference)) === undefined) await put(wanted, reference, registry);
  else say(`${wanted.image} is there already`);
  const digest = await registry.digest(reference);
  if (digest === undefined) throw new Error(`${wanted.image} was pushed, and the registry does not know it`);
  process.stdout.write(`${reference.host}/${reference.repository}@${digest}\n`);
}

async function read(): Promise<Wanted> {
  const options = { env: { type: "string" }, image: { type: "string" }, platforms: { type: "string" } } as const;
  const { env, image, platforms } = parseArgs({ options }).values;
  if (env !== undefined && image === undefined && platforms === undefined)
    return ofThese(withLocalEndpoints(environment(env)));
  if (env !== undefined || image === undefined || platforms === undefined) throw new Error(USAGE);
  return { image, platforms: platforms.split(","), emulated: false };
}

/** The image of the sources that are here. @throws OperationError for who is not signed in to the environment's account */
async function ofThese(wanted: Environment): Promise<Wanted> {
  const client = clientOptions(wanted);
  await signedInAs(new STSClient(client), wanted);
  return {
    image: `${imageRepository(wanted).name}:${contentTag(process.cwd())}`,
    platforms: platformsOf(wanted.cluster.nodeGroups),
    client,
    emulated: wanted.aws.emulator !== undefined,
  };
}

async function put({ image, platforms, emulated }: Wanted, reference: Reference, registry: EcrRegistry): Promise<void> {
  if (emulated) {
    await registry.putManifest(reference, manifestWithoutContent(reference.tag));
    say(`the emulated registry has a manifest of ${image}; it keeps no layers, so nothing was built`);
    return;
  }
  const builder = findBuilder();
  say(`building ${image} for ${platforms.join(",")} with ${builder}`);
  buildAndPush(builder, { image, platforms, credentials: await registry.credentials(reference) });
  say(`pushed ${image}`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

main().catch((error: unknown) => {
  const { message, stack } = error as Error;
  const expected = [MissingTool, ConfigurationError, OperationError].some((kind) => error instanceof kind);
  process.stderr.write(`image: ${expected ? message : (stack ?? message)}\n`);
  process.exitCode = 1;
});

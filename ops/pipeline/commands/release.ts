import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { environment } from "../../../config";
import { projectRoot } from "../../../lib/paths";
import { requireContained } from "../git";
import { buildImage, imageRepository, pushImage, signImage, signInToRegistry, verifyImage } from "../image";
import { pipelineFolder } from "./plans";

const imageFolder = join(pipelineFolder, "image");
const say = (line: string) => process.stdout.write(`${line}\n`);

export function contained({ tag, branch }: { tag: string; branch: string }): void {
  say(`${tag} is ${requireContained(tag, branch)}, which ${branch} contains.`);
}

export async function build(): Promise<void> {
  const { stdout } = spawnSync("git", ["log", "-1", "--format=%ct"], { cwd: projectRoot, encoding: "utf8" });
  say(await buildImage({ folder: imageFolder, epoch: Number(stdout.trim()) }));
}

/** Prints the image by its digest, and nothing else. */
export async function push({ env, tag }: { env: string; tag: string }): Promise<void> {
  const settings = environment(env);
  const repository = imageRepository(settings);
  await signInToRegistry(repository.host, settings.aws.region);
  say(await pushImage({ folder: imageFolder, repository: repository.name, tag }));
}

export async function sign({ image }: { image: string }): Promise<void> {
  await signImage(image, imageFolder);
  say(`${image} is signed.`);
}

export async function verify({ env, image }: { env: string; image: string }): Promise<void> {
  await verifyImage(image, environment(env).delivery.github);
  say(`${image} was signed by the release workflow.`);
}

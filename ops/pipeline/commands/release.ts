import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { environment } from "../../../config";
import { projectRoot } from "../../../local/paths";
import { requireContained } from "../git";
import { buildImage, imageRepository, pushImage, signImage, signInToRegistry, verifyImage } from "../image";
import { pipelineFolder } from "./plans";

const imageFolder = join(pipelineFolder, "image");
const say = (line: string) => process.stdout.write(`${line}\n`);

export function contained({ tag, branch }: { tag: string; branch: string }): void {
  say(`${tag} is ${requireContained(tag, branch)}, which ${branch} contains.`);
}

export function build(): void {
  const { stdout } = spawnSync("git", ["log", "-1", "--format=%ct"], { cwd: projectRoot, encoding: "utf8" });
  say(buildImage({ folder: imageFolder, epoch: Number(stdout.trim()) }));
}

/** Prints the image by its digest, and nothing else. */
export function push({ env, tag }: { env: string; tag: string }): void {
  const settings = environment(env);
  const repository = imageRepository(settings);
  signInToRegistry(repository.host, settings.aws.region);
  say(pushImage({ folder: imageFolder, repository: repository.name, tag }));
}

export function sign({ image }: { image: string }): void {
  signImage(image, imageFolder);
  say(`${image} is signed.`);
}

export function verify({ env, image }: { env: string; image: string }): void {
  verifyImage(image, environment(env).delivery.github);
  say(`${image} was signed by the release workflow.`);
}

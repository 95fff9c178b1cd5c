import { spawnSync } from "node:child_process";
import { MissingTool } from "../../lib/missing-tool";
import { projectRoot } from "../../lib/paths";
import type { Credentials } from "./registry";

export type Builder = "docker" | "buildah";

export interface Build {
  readonly image: string;
  /** For example `linux/amd64`. */
  readonly platforms: readonly string[];
  readonly credentials: Credentials;
}

const DOCKERFILE = "app/Dockerfile";

/** Where docker keeps what it builds for several platforms, which its own store cannot hold. */
const DOCKER_BUILDER = "bist-trading";

/**
 * The builder of this machine: docker where its daemon answers, else buildah.
 *
 * @throws MissingTool when there is neither
 */
export function findBuilder(): Builder {
  if (works("docker", "info") && works("docker", "buildx", "version")) return "docker";
  if (works("buildah", "version")) return "buildah";
  throw new MissingTool(
    "no builder of images was found. Start docker (with buildx), or install buildah (apt-get install buildah); or name " +
      "an image that is built already in the environment's trading.image",
  );
}

/** @throws Error when the builder fails; what it says goes to this process's own output */
export function buildAndPush(builder: Builder, build: Build): void {
  const { host, username, password } = build.credentials;
  run(builder, ["login", "--username", username, "--password-stdin", host], password);
  try {
    if (builder === "docker") withDocker(build);
    else withBuildah(build);
  } finally {
    run(builder, ["logout", host]);
  }
}

function withDocker({ image, platforms }: Build): void {
  if (!works("docker", "buildx", "inspect", DOCKER_BUILDER)) {
    run("docker", ["buildx", "create", "--name", DOCKER_BUILDER, "--driver", "docker-container"]);
  }
  run("docker", [
    ...["buildx", "build", "--builder", DOCKER_BUILDER, "--platform", platforms.join(",")],
    // One image for each platform and nothing else: what a Deployment names by its digest.
    ...["--provenance", "false", "--file", DOCKERFILE, "--tag", image, "--push", "."],
  ]);
}

function withBuildah({ image, platforms }: Build): void {
  const list = `localhost/bist-trading/build:${process.pid}`;
  try {
    run("buildah", ["build", "--platform", platforms.join(","), "--manifest", list, "--file", DOCKERFILE, "."]);
    run("buildah", ["manifest", "push", "--all", list, `docker://${image}`]);
  } finally {
    works("buildah", "manifest", "rm", list);
  }
}

function works(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}

function run(program: string, args: readonly string[], input = ""): void {
  const { status } = spawnSync(program, args, { cwd: projectRoot, input, stdio: ["pipe", "inherit", "inherit"] });
  if (status !== 0) {
    const hint = args.includes("build")
      ? "; a platform that is not this machine's needs QEMU: docker run --privileged --rm tonistiigi/binfmt --install all"
      : "";
    throw new Error(`${program} ${args[0] ?? ""} ended with ${String(status)}${hint}`);
  }
}

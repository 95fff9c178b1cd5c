import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../../config";
import { MissingTool } from "../../local/missing-tool";
import { projectRoot } from "../../local/paths";

/** The image of one version, as files: built once, then copied to every registry as it is. */
const ARCHIVE = "image.tar";
const DIGEST = "digest.txt";
const SBOM = "sbom.cdx.json";

export interface BuildOptions {
  /** Folder of the files. */
  readonly folder: string;
  /** Seconds since 1970 that every file and layer carries: the same sources make the same image. */
  readonly epoch: number;
  /** More arguments of `buildah build`, such as other bases. @default none */
  readonly more?: readonly string[];
}

/** Builds the application's image into an archive, beside the list of what is in it. @returns its digest */
export function buildImage({ folder, epoch, more = [] }: BuildOptions): string {
  mkdirSync(folder, { recursive: true });
  const name = "localhost/bist-trading/app:release";
  run("buildah", [...["build", "--file", "app/Dockerfile", "--tag", name, "--timestamp", String(epoch)], ...more, "."]);
  run("buildah", [
    ...["push", "--quiet", "--format", "oci", "--digestfile", join(folder, DIGEST)],
    ...[name, `oci-archive:${join(folder, ARCHIVE)}`],
  ]);
  // From the lock file: the packages that the image's own `npm ci` installs.
  const sbom = run("npm", [
    ...["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application"],
    ...["--workspace", "app", "--omit", "dev", "--package-lock-only"],
  ]);
  writeFileSync(join(folder, SBOM), sbom);
  return imageDigest(folder);
}

/** @throws Error when the folder holds no image */
export function imageDigest(folder: string): string {
  const digest = readFileSync(join(folder, DIGEST), "utf8").trim();
  if (!/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new Error(`${join(folder, DIGEST)} holds no digest: build the image again`);
  return digest;
}

/** Host of an environment's image registry, and the repository in it. */
export function imageRepository({ aws, delivery }: Pick<Environment, "aws" | "delivery">): {
  host: string;
  name: string;
} {
  const host = `${aws.accountId}.dkr.ecr.${aws.region}.amazonaws.com`;
  return { host, name: `${host}/${delivery.image.repository}` };
}

export interface PushOptions {
  readonly folder: string;
  /** Repository with its host. */
  readonly repository: string;
  readonly tag: string;
  /** For a registry of a test, which speaks plain HTTP. @default true */
  readonly tls?: boolean;
}

/**
 * Copies the archive to a registry, byte for byte; one that has it already is left alone.
 *
 * @returns the image by its digest: what may be released
 * @throws Error when the registry has something else under the tag, since tags never move
 */
export function pushImage({ folder, repository, tag, tls = true }: PushOptions): string {
  const digest = imageDigest(folder);
  const target = `docker://${repository}:${tag}`;
  const there = spawnSync("skopeo", ["inspect", `--tls-verify=${tls}`, "--format", "{{.Digest}}", target], {
    encoding: "utf8",
  });
  const found = there.status === 0 ? there.stdout.trim() : undefined;
  if (found !== undefined && found !== digest) {
    throw new Error(`${repository}:${tag} is ${found} already, and this image is ${digest}: give it a new version`);
  }
  if (found === undefined) {
    run("skopeo", [
      ...["copy", "--quiet", "--preserve-digests", `--dest-tls-verify=${tls}`],
      ...[`oci-archive:${join(folder, ARCHIVE)}`, target],
    ]);
  }
  return `${repository}@${digest}`;
}

/** Signs skopeo and cosign in to ECR with the AWS credentials of this process. */
export function signInToRegistry(host: string, region: string): void {
  const password = run("aws", ["ecr", "get-login-password", "--region", region]);
  const folder = process.env["DOCKER_CONFIG"] ?? join(homedir(), ".docker");
  mkdirSync(folder, { recursive: true });
  // The file that every client of a registry reads.
  const file = join(folder, "config.json");
  run("skopeo", ["login", "--username", "AWS", "--password-stdin", "--authfile", file, host], password);
}

/** Signs an image, by its digest, and the list of what is in it, as the workflow that runs: there is no key to lose. */
export function signImage(image: string, folder: string): void {
  requireDigest(image);
  run("cosign", ["sign", "--yes", image]);
  run("cosign", ["attest", "--yes", "--type", "cyclonedx", "--predicate", join(folder, SBOM), image]);
}

/** @throws Error for an image that the release workflow of the repository did not sign */
export function verifyImage(image: string, { owner, repository }: Environment["delivery"]["github"]): void {
  requireDigest(image);
  const workflow = `https://github.com/${owner}/${repository}/.github/workflows/release.yml@refs/tags/v`;
  run("cosign", [
    ...["verify", "--output", "text", "--certificate-oidc-issuer", "https://token.actions.githubusercontent.com"],
    ...["--certificate-identity-regexp", `^${workflow.replaceAll(".", "\\.")}`, image],
  ]);
}

/** @throws Error for an image by a tag, which may be another one tomorrow */
export function requireDigest(image: string): void {
  if (!/@sha256:[0-9a-f]{64}$/.test(image)) {
    throw new Error(`${image} is not an image by its digest; use repository@sha256:...`);
  }
}

/** @throws MissingTool, or Error with what the program said */
function run(program: string, args: readonly string[], input?: string): string {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    cwd: projectRoot,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    ...(input !== undefined && { input }),
  });
  if (error !== undefined)
    throw new MissingTool(`${program} cannot be run (${error.message}); install it: apt-get install ${program}`);
  if (status !== 0)
    throw new Error(`${program} ${args[0] ?? ""} ended with ${status}:\n${stderr.trim() || stdout.trim()}`);
  return stdout;
}

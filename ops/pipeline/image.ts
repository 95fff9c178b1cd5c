import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../../config";
import { MissingTool } from "../../lib/missing-tool";
import { projectRoot } from "../../lib/paths";
import { billOfMaterials } from "./bill-of-materials";
import type { LockFile } from "./bill-of-materials";
import { sha256 } from "./workspace";

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
export async function buildImage({ folder, epoch, more = [] }: BuildOptions): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const name = "localhost/bist-trading/app:release";
  await run("buildah", [
    ...["build", "--file", "app/Dockerfile", "--tag", name, "--timestamp", String(epoch)],
    ...more,
    ".",
  ]);
  await run("buildah", [
    ...["push", "--quiet", "--format", "oci", "--digestfile", join(folder, DIGEST)],
    ...[name, `oci-archive:${join(folder, ARCHIVE)}`],
  ]);
  // What the image's own `npm ci` installs.
  const lockFile = JSON.parse(readFileSync(join(projectRoot, "package-lock.json"), "utf8")) as LockFile;
  writeFileSync(join(folder, SBOM), JSON.stringify(billOfMaterials(lockFile, "app"), null, 1));
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
export async function pushImage({ folder, repository, tag, tls = true }: PushOptions): Promise<string> {
  const digest = imageDigest(folder);
  const target = `docker://${repository}:${tag}`;
  const found = await digestAt(target, tls);
  if (found !== undefined && found !== digest) {
    throw new Error(`${repository}:${tag} is ${found} already, and this image is ${digest}: give it a new version`);
  }
  if (found === undefined) {
    await run("skopeo", [
      ...["copy", "--quiet", "--preserve-digests", `--dest-tls-verify=${tls}`],
      ...[`oci-archive:${join(folder, ARCHIVE)}`, target],
    ]);
  }
  return `${repository}@${digest}`;
}

/** @returns the digest under a tag; undefined when nothing is there. @throws Error when the registry does not answer */
async function digestAt(target: string, tls: boolean): Promise<string | undefined> {
  const { code, stdout, stderr } = await attempt("skopeo", ["inspect", "--raw", `--tls-verify=${tls}`, target]);
  if (code === 0) return `sha256:${sha256(stdout)}`;
  if (/manifest unknown|not found/i.test(stderr)) return undefined;
  throw new Error(`${target} cannot be looked up: ${stderr.trim()}`);
}

/** Signs skopeo and cosign in to ECR with the AWS credentials of this process. */
export async function signInToRegistry(host: string, region: string): Promise<void> {
  const password = await run("aws", ["ecr", "get-login-password", "--region", region]);
  const folder = process.env["DOCKER_CONFIG"] ?? join(homedir(), ".docker");
  mkdirSync(folder, { recursive: true });
  // The file that every client of a registry reads.
  const file = join(folder, "config.json");
  await run("skopeo", ["login", "--username", "AWS", "--password-stdin", "--authfile", file, host], password);
}

/** Signs an image, by its digest, and the list of what is in it, as the workflow that runs: there is no key to lose. */
export async function signImage(image: string, folder: string): Promise<void> {
  requireDigest(image);
  await run("cosign", ["sign", "--yes", image]);
  await run("cosign", ["attest", "--yes", "--type", "cyclonedx", "--predicate", join(folder, SBOM), image]);
}

/** @throws Error for an image that the release workflow of the repository did not sign */
export async function verifyImage(
  image: string,
  { owner, repository }: Environment["delivery"]["github"],
): Promise<void> {
  requireDigest(image);
  const workflow = `https://github.com/${owner}/${repository}/.github/workflows/release.yml@refs/tags/v`;
  await run("cosign", [
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
async function run(program: string, args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await attempt(program, args, input);
  if (code === 0) return stdout;
  throw new Error(`${program} ${args[0] ?? ""} ended with ${code}:\n${stderr.trim() || stdout.trim()}`);
}

/** Runs a program to its end, whatever its exit code. @throws MissingTool */
function attempt(
  program: string,
  args: readonly string[],
  input = "",
): Promise<{ readonly code: number | string; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const options = { cwd: projectRoot, maxBuffer: 256 * 1024 * 1024 };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error?.code === "ENOENT") {
        reject(new MissingTool(`${program} is not installed; as on Debian and Ubuntu: apt-get install ${program}`));
      } else resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? 1), stdout, stderr });
    });
    child.stdin?.on("error", () => undefined).end(input);
  });
}

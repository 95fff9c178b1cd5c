import { createHash } from "node:crypto";

/** Media type of what `manifestWithoutContent` makes. */
export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

/** Two blocks of zeros: an archive of no files. */
const EMPTY_TAR = Buffer.alloc(1024);

/**
 * An OCI manifest of an image without a file in it, recognized by its tag: for a registry from which nothing is
 * pulled. The same tag always makes the same bytes, and so the same digest.
 */
export function manifestWithoutContent(tag: string): string {
  const layer = describe("application/vnd.oci.image.layer.v1.tar", EMPTY_TAR);
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: { Labels: { "org.opencontainers.image.version": tag } },
      rootfs: { type: "layers", diff_ids: [layer.digest] },
    }),
  );
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: describe("application/vnd.oci.image.config.v1+json", config),
    layers: [layer],
  });
}

function describe(mediaType: string, content: Buffer) {
  return { mediaType, digest: `sha256:${createHash("sha256").update(content).digest("hex")}`, size: content.length };
}

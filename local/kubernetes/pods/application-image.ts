import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { contentHash } from "../../../constructs/image/content-hash";
import { projectRoot } from "../../paths";
import { buildahIn } from "./images";
import type { PodRuntime } from "./runtime";

/** The Dockerfile's bases, which a closed network replaces by its own: variables of the same names. */
const bases = ["BUILD_IMAGE", "POSTGRES_IMAGE", "RUNTIME_IMAGE"];

/**
 * The application's image as an archive, built by buildah when its sources have changed.
 *
 * @param reference what pods name it
 * @param announce told once when it has to be built, which takes a minute or two
 * @throws Error with what buildah said
 */
export function applicationImage(
  { buildah }: PodRuntime,
  folder: string,
  reference: string,
  announce: () => void,
): string {
  const name = `application-${contentHash(projectRoot)}.tar`;
  const archive = join(folder, name);
  if (existsSync(archive)) return archive;
  announce();
  mkdirSync(folder, { recursive: true });
  const store = join(folder, "buildah");
  const run = buildahIn(buildah, store);
  const chosen = bases.flatMap((base) => {
    const image = process.env[base];
    return image === undefined ? [] : ["--build-arg", `${base}=${image}`];
  });
  try {
    const dockerfile = join(projectRoot, "app/Dockerfile");
    run("build", "--isolation", "chroot", ...chosen, "--file", dockerfile, "--tag", reference, projectRoot);
    run("push", reference, `oci-archive:${archive}.draft:${reference}`);
    for (const old of readdirSync(folder).filter((file) => /^application-\w+\.tar$/.test(file)))
      rmSync(join(folder, old));
    renameSync(`${archive}.draft`, archive);
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
  return archive;
}

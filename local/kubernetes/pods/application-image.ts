import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { contentHash } from "../../../lib/content-hash";
import { buildahIn } from "../../image/buildah";
import { machineBases } from "../../image/machine-bases";
import { projectRoot } from "../../../lib/paths";
import type { PodRuntime } from "./runtime";

/** The Dockerfile's bases, which a closed network replaces by its own: variables of the same names. */
const bases = ["BUILD_IMAGE", "POSTGRES_IMAGE", "RUNTIME_IMAGE"];

export interface ApplicationImageOptions {
  /** Keeps the archive. */
  readonly folder: string;
  /** What pods name the image. */
  readonly reference: string;
  /** Makes the bases of this machine's own programs, instead of pulling them. */
  readonly onMachineBases: boolean;
  /** Told once when it has to be built, which takes a minute or two. */
  readonly announce: () => void;
}

/**
 * The application's image as an archive, built by buildah when its sources have changed. Returns the archive's path.
 *
 * @throws Error with what buildah said
 */
export function applicationImage({ buildah }: PodRuntime, options: ApplicationImageOptions): string {
  const { folder, reference, onMachineBases, announce } = options;
  const name = `application-${contentHash(projectRoot)}.tar`;
  const archive = join(folder, name);
  if (existsSync(archive)) return archive;
  announce();
  mkdirSync(folder, { recursive: true });
  const store = join(folder, "buildah");
  // Of a build that was cut short.
  rmSync(store, { recursive: true, force: true });
  const run = buildahIn(buildah, store);
  try {
    const chosen = onMachineBases ? machineBases(run) : basesChosen();
    const dockerfile = join(projectRoot, "app/Dockerfile");
    run(
      "build",
      "--isolation",
      "chroot",
      "--network",
      "host",
      ...chosen,
      "--file",
      dockerfile,
      "--tag",
      reference,
      projectRoot,
    );
    rmSync(`${archive}.draft`, { force: true });
    run("push", reference, `oci-archive:${archive}.draft:${reference}`);
    for (const old of readdirSync(folder).filter((file) => /^application-\w+\.tar$/.test(file)))
      rmSync(join(folder, old));
    renameSync(`${archive}.draft`, archive);
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
  return archive;
}

const basesChosen = () =>
  bases.flatMap((base) => {
    const image = process.env[base];
    return image === undefined ? [] : ["--build-arg", `${base}=${image}`];
  });

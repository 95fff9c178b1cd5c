import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { programIn } from "../kubernetes/binaries";
import { MissingTool } from "../../lib/missing-tool";
import { projectRoot } from "../../lib/paths";
import type { Buildah } from "./buildah";

/** The programs of PostgreSQL's client package that the image has, where Debian puts them. */
export const postgresClient: readonly string[] = globSync("/usr/lib/postgresql/*/bin/pg_{dump,restore}");

/** Comes with npm for each platform, and loads libraries that Node itself does not. */
const NATIVE_PACKAGE = `@node-rs/argon2-linux-${process.arch}-gnu`;
const LIBRARY_OF_C = /\/lib(c|m|dl|rt|pthread|resolv)\.so/;
const TOOLS_TO_BUILD = ["/bin/sh", "/usr/bin/env", "/usr/bin/find", "/bin/mkdir", "/bin/rm"];
const TOOLS_TO_COPY = [
  ...["/bin/sh", "/bin/bash", "/bin/cat", "/bin/sed", "/bin/grep"],
  ...["/usr/bin/ldd", "/usr/bin/install", "/usr/bin/readlink"],
];

/** What an image is made of: path inside by path on this machine, and links and variables by name. */
interface Contents {
  readonly files: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly entryPoint?: string;
}

/**
 * Makes the Dockerfile's bases of this machine's own Node, the libraries that it loads, npm and PostgreSQL's client, for
 * where no registry is reached.
 *
 * @param node runs in the image
 * @returns arguments of `buildah build` that put them in place of those of the registries
 * @throws MissingTool where PostgreSQL's client or npm is not installed
 */
export function machineBases(buildah: Buildah, node = process.execPath): readonly string[] {
  if (postgresClient.length === 0) {
    throw new MissingTool(
      "The image's bases cannot be made of this machine: it has no pg_dump of Debian's postgresql-client",
    );
  }
  const { npm, authorities } = npmOfThisMachine();
  const native = createRequire(join(projectRoot, "app", "package.json")).resolve(NATIVE_PACKAGE);
  // Distroless has all of the C library, of which others need more than Node does.
  const ofC = Object.entries(withLibraries(...postgresClient)).filter(([path]) => LIBRARY_OF_C.test(path));
  const trusted: Record<string, string> = authorities === undefined ? {} : { "/etc/authorities.pem": authorities };
  const bases = {
    BUILD_IMAGE: {
      files: {
        ...librariesOf(node, ...TOOLS_TO_BUILD),
        ...Object.fromEntries(TOOLS_TO_BUILD.map((tool) => [tool, tool])),
        ...trusted,
        "/usr/local/bin/node": node,
        "/usr/local/lib/node_modules/npm": npm,
      },
      links: { "/usr/local/bin/npm": "../lib/node_modules/npm/bin/npm-cli.js" },
      variables: {
        PATH: "/usr/local/bin:/usr/bin:/bin",
        // A registry that does not answer for a moment fails no build whose packages are in the cache.
        NPM_CONFIG_PREFER_OFFLINE: "true",
        ...(authorities && { NODE_EXTRA_CA_CERTS: "/etc/authorities.pem" }),
      },
    },
    RUNTIME_IMAGE: {
      files: { ...librariesOf(node, native), ...Object.fromEntries(ofC), "/nodejs/bin/node": node },
      entryPoint: "/nodejs/bin/node",
    },
    POSTGRES_IMAGE: {
      files: withLibraries(...postgresClient, ...TOOLS_TO_COPY),
      variables: { PATH: "/usr/bin:/bin" },
    },
  } satisfies Record<string, Contents>;
  const built = Object.entries<Contents>(bases).flatMap(([argument, contents]) => {
    const name = argument.toLowerCase().replace("_", "-");
    commit(buildah, name, contents);
    return ["--build-arg", `${argument}=localhost/${name}`];
  });
  const npmCache = spawnSync("npm", ["config", "get", "cache"], { encoding: "utf8" }).stdout.trim();
  // What has been downloaded already is not downloaded again; the lock file's digests are checked all the same.
  return ["--pull-never", ...built, "--volume", `${npmCache}:/root/.npm:rw`];
}

/** An image of files alone. */
function commit(buildah: Buildah, name: string, { files, links = {}, variables = {}, entryPoint }: Contents): void {
  const tree = mkdtempSync(join(tmpdir(), "bist-base-"));
  const place = (inside: string) => {
    mkdirSync(dirname(join(tree, inside)), { recursive: true });
    return join(tree, inside);
  };
  try {
    for (const folder of ["tmp", "etc"]) mkdirSync(join(tree, folder));
    for (const [inside, outside] of Object.entries(files)) {
      cpSync(outside, place(inside), { recursive: true, dereference: true });
    }
    for (const [inside, target] of Object.entries(links)) symlinkSync(target, place(inside));
    const users = ["root:x:0:0::/root:/sbin/nologin", "nonroot:x:65532:65532::/:/sbin/nologin", ""];
    writeFileSync(place("etc/passwd"), users.join("\n"));
    const container = buildah("from", "scratch");
    buildah("copy", container, tree, "/");
    const settings = Object.entries(variables).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
    const entry = entryPoint === undefined ? [] : ["--entrypoint", JSON.stringify([entryPoint])];
    buildah("config", ...settings, ...entry, container);
    buildah("commit", "--rm", container, name);
  } finally {
    rmSync(tree, { recursive: true });
  }
}

/** Libraries that programs of this machine load, each at its own path. */
function librariesOf(...programs: readonly string[]): Record<string, string> {
  const loaded = programs.flatMap((program) => {
    const { stdout } = spawnSync("ldd", [realpathSync(program)], { encoding: "utf8" });
    return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = ""]) => path);
  });
  return Object.fromEntries(loaded.map((path) => [path, path]));
}

const withLibraries = (...programs: readonly string[]) => ({
  ...librariesOf(...programs),
  ...Object.fromEntries(programs.map((program) => [program, program])),
});

/** Where this machine keeps npm and the authorities that it trusts. */
function npmOfThisMachine(): { readonly npm: string; readonly authorities: string | undefined } {
  // What npm itself would say is about the Node of the project, which has none.
  const program = programIn((process.env["PATH"] ?? "").split(delimiter), "npm");
  if (program === undefined) throw new MissingTool("The image's bases cannot be made of this machine: no PATH has npm");
  const authorities = [process.env["NODE_EXTRA_CA_CERTS"], "/etc/ssl/certs/ca-certificates.crt"].find(
    (file) => file !== undefined && existsSync(file),
  );
  return { npm: dirname(dirname(realpathSync(program))), authorities };
}

import { execFileSync, spawnSync } from "node:child_process";
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
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const found = (tool: string) => spawnSync(tool, ["--version"]).status === 0;

/** The programs of PostgreSQL's client package that the image has, where Debian puts them. */
export const postgresClient = globSync("/usr/lib/postgresql/*/bin/pg_{dump,restore}");

/** Suites that build the image: they need buildah, root and PostgreSQL's client, and are skipped by name elsewhere. */
export const describeWithBuildah =
  process.platform === "linux" &&
  process.getuid?.() === 0 &&
  found("buildah") &&
  found("unshare") &&
  postgresClient.length > 0
    ? describe
    : describe.skip;

/** A store of images of its own, which ends with the test. */
export class Buildah {
  readonly #folder = mkdtempSync(join(tmpdir(), "bist-images-"));

  /** Runs buildah. @returns what it printed @throws with all of that */
  run(...args: string[]): string {
    const store = ["--root", join(this.#folder, "root"), "--runroot", join(this.#folder, "run")];
    const all = [...store, "--storage-driver", "vfs", ...args];
    const { status, stdout, stderr } = spawnSync("buildah", all, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
    if (status !== 0) throw new Error(`buildah ${args.join(" ")} failed:\n${stdout}${stderr}`);
    return stdout.trim();
  }

  /** An image made of files alone: path inside by path on this machine. */
  imageOf(name: string, files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>>, env = {}) {
    const tree = join(this.#folder, name);
    for (const folder of ["tmp", "etc"]) mkdirSync(join(tree, folder), { recursive: true });
    for (const [inside, outside] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, inside)), { recursive: true });
      cpSync(outside, join(tree, inside), { recursive: true, dereference: true });
    }
    for (const [inside, target] of Object.entries(links)) {
      mkdirSync(dirname(join(tree, inside)), { recursive: true });
      symlinkSync(target, join(tree, inside));
    }
    writeFileSync(
      join(tree, "etc", "passwd"),
      "root:x:0:0::/root:/sbin/nologin\nnonroot:x:65532:65532::/:/sbin/nologin\n",
    );
    const container = this.run("from", "scratch");
    this.run("copy", container, tree, "/");
    this.run(
      "config",
      ...Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${String(value)}`]),
      container,
    );
    this.run("commit", "--rm", container, name);
    rmSync(tree, { recursive: true });
  }

  end(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Programs of this machine with the libraries that they load, each at its own path. */
export function withLibraries(...programs: readonly string[]): Record<string, string> {
  const libraries = programs.flatMap((program) => {
    const { stdout } = spawnSync("ldd", [realpathSync(program)], { encoding: "utf8" });
    return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = ""]) => path);
  });
  return Object.fromEntries([...programs, ...libraries].map((path) => [path, path]));
}

/** Where this machine keeps npm and the authorities that it trusts. */
export function npmOfThisMachine(): { readonly npm: string; readonly authorities: string | undefined } {
  const globals = execFileSync("npm", ["root", "--global"], { encoding: "utf8" }).trim().split("\n").at(-1) ?? "";
  const authorities = [process.env["NODE_EXTRA_CA_CERTS"], "/etc/ssl/certs/ca-certificates.crt"].find(
    (file) => file !== undefined && existsSync(file),
  );
  return { npm: join(globals, "npm"), authorities };
}

import { chmodSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { MissingTool } from "../../../lib/missing-tool";
import { projectRoot } from "../../../lib/paths";
import { pythonEnvironment } from "../../../local/python-environment";
import { awsProvider } from "../../../lib/terraform/requirements";
import { findTerraform } from "../../../lib/terraform/terraform";

/** A folder with one program in it, to be a PATH. */
function pathWith(name: string, script: string): string {
  const folder = mkdtempSync(join(tmpdir(), "path-"));
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
  return folder;
}

const terraformOf = (version: string) => pathWith("terraform", `echo '{"terraform_version": "${version}"}'`);

describe("Terraform", () => {
  const find = (PATH: string) => findTerraform([], { PATH });

  test("that is missing is named, with where to get it", () => {
    expect(() => find("/nonexistent")).toThrow(MissingTool);
    expect(() => find("/nonexistent")).toThrow(/Terraform 1\.11 or later is needed.*not on the PATH.*Install it/);
  });

  test.each(["1.10.5", "0.15.0"])("%s is too old, and that is said", (version) => {
    expect(() => find(terraformOf(version))).toThrow(`is ${version}.`);
  });

  test.each(["1.11.0", "1.12.0-beta1", "2.0.0"])("%s will do", (version) => {
    expect(find(terraformOf(version)).version).toBe(version);
  });

  test("may be named by cdktf's own variable", () => {
    const binary = join(terraformOf("1.11.4"), "terraform");
    expect(findTerraform([], { PATH: "/bin", TERRAFORM_BINARY_NAME: binary }).binary).toBe(binary);
  });
});

describe("a Python environment", () => {
  const search = process.env["PATH"];
  afterEach(() => {
    process.env["PATH"] = search;
  });
  const make = (folder: string) =>
    pythonEnvironment({
      owner: "The AWS emulator",
      requirements: join(projectRoot, "local/emulator/requirements.txt"),
      folder,
      announce: () => undefined,
    });
  const fresh = () => mkdtempSync(join(tmpdir(), "environment-"));

  test("names a Python that is missing, with what to install", () => {
    process.env["PATH"] = "/nonexistent";
    expect(() => make(fresh())).toThrow(/The AWS emulator.*Python 3\.10 or later.*apt-get install python3/);
  });

  test("counts one that is too old as missing", () => {
    process.env["PATH"] = pathWith("python3", "exit 1");
    expect(() => make(fresh())).toThrow(MissingTool);
  });

  test("says which package has venv, and leaves nothing half made", () => {
    const folder = fresh();
    const noVenv = 'case "$*" in *venv*) echo "No module named venv" >&2; exit 1;; esac';
    process.env["PATH"] = `${pathWith("python3", noVenv)}:/bin`;
    expect(() => make(folder)).toThrow(/apt-get install python3-venv[\s\S]*No module named venv/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is whose it was first, when two make it at once: it may be in use already", () => {
    const folder = fresh();
    const other =
      'case "$*" in *venv*) mkdir -p "$3/bin" "${3%.*}"; cp "$0" "$3/bin/python"; : > "${3%.*}/first";; esac';
    process.env["PATH"] = `${pathWith("python3", other)}:/bin`;
    const [environment = ""] = make(folder).split("/bin/");
    expect([readdirSync(folder), readdirSync(environment)]).toEqual([[basename(environment)], ["first"]]);
  });
});

test("the AWS provider is the one whose schema the classes have", () => {
  expect(awsProvider()).toEqual({ source: "registry.terraform.io/hashicorp/aws", version: "5.100.0" });
});

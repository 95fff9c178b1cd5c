import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBinaries, programs, searchedFolders } from "../../../../local/kubernetes/binaries";
import { MissingTool } from "../../../../lib/missing-tool";

describe("the control plane's programs", () => {
  let folders: string[];
  beforeEach(() => {
    folders = ["first", "second"].map((name) => mkdtempSync(join(tmpdir(), `${name}-`)));
  });
  afterEach(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  const put = (folder: string | undefined, ...names: readonly string[]) => {
    for (const name of names) {
      writeFileSync(join(folder ?? "", name), "");
      chmodSync(join(folder ?? "", name), 0o755);
    }
  };

  test("come from the first folder that has each, kwok only with its stages", () => {
    put(folders[0], "etcd", "kwok");
    put(folders[1], ...programs);
    mkdirSync(join(folders[1] ?? "", "kwok-stages"));
    expect(findBinaries(folders)).toMatchObject({
      etcd: join(folders[0] ?? "", "etcd"),
      "kube-apiserver": join(folders[1] ?? "", "kube-apiserver"),
      kwok: join(folders[1] ?? "", "kwok"),
      stages: join(folders[1] ?? "", "kwok-stages"),
    });
  });

  test("are named when they are missing, or cannot be run, with how to come by them", () => {
    put(folders[0], ...programs);
    chmodSync(join(folders[0] ?? "", "etcd"), 0o644);
    const find = () => findBinaries(folders);
    expect(find).toThrow(MissingTool);
    expect(find).toThrow(/needs etcd, kwok, in none of .*npm run kubernetes:build.*KUBEBUILDER_ASSETS/);
  });

  test("are looked for in KUBEBUILDER_ASSETS before what the project built", () => {
    expect(searchedFolders({ KUBEBUILDER_ASSETS: "/assets" })).toEqual([
      "/assets",
      expect.stringMatching(/\.local\/kubernetes\/bin$/),
    ]);
    expect(searchedFolders({})).toHaveLength(1);
  });
});

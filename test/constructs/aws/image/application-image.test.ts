import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DataAwsEcrImage } from "@cdktf/provider-aws/lib/data-aws-ecr-image";
import { TerraformOutput } from "cdktf";
import { environment, environmentNames } from "../../../../config";
import { ApplicationImage } from "../../../../constructs/aws/image/application-image";
import { contentHash } from "../../../../lib/content-hash";
import { platformsOf } from "../../../../constructs/aws/image/platforms";
import { projectRoot } from "../../../../lib/paths";
import { dataSources, synthesize, testStack } from "../../../support/template";

describe("ApplicationImage", () => {
  function declare(built?: string) {
    const stack = testStack();
    const image = new ApplicationImage(stack, "Image", {
      built,
      account: { accountId: "111122223333", region: "us-east-1" },
      repository: "bist-trading/app",
      platforms: ["linux/amd64", "linux/arm64"],
    });
    new TerraformOutput(stack, "image", { value: image.reference });
    return { stack, reference: synthesize(stack).output?.["image"]?.value };
  }

  test("is pushed under a digest of its sources at apply, and named by its own digest", () => {
    const { stack, reference } = declare();
    const [build] = Object.values(synthesize(stack).resource?.["terraform_data"] ?? {});
    const repository = "111122223333.dkr.ecr.us-east-1.amazonaws.com/bist-trading/app";
    const tag = /:(app-[0-9a-f]{16}) /.exec(JSON.stringify(build))?.[1];
    expect(build).toMatchObject({
      triggers_replace: { image: `${repository}:${String(tag)}` },
      provisioner: [
        {
          "local-exec": {
            working_dir: "../../..",
            command: `npm run --silent image -- --image ${repository}:${String(tag)} --platforms linux/amd64,linux/arm64`,
          },
        },
      ],
    });
    expect(dataSources(stack, DataAwsEcrImage)).toEqual([
      {
        registry_id: "111122223333",
        repository_name: "bist-trading/app",
        image_tag: tag,
        depends_on: [expect.stringMatching(/^terraform_data\.Image_Build_/)],
      },
    ]);
    expect(reference).toMatch(/app@\$\{data\.aws_ecr_image\.\w+\.image_digest\}$/);
  });

  test("is one that is there already, where the environment names it: nothing is built", () => {
    const { stack, reference } = declare("registry.example.com/app:1.4.2");
    expect(reference).toBe("registry.example.com/app:1.4.2");
    expect(synthesize(stack)).not.toHaveProperty("resource");
    expect(synthesize(stack)).not.toHaveProperty("data");
  });

  test("is for Graviton too where a node group is", () => {
    const { nodeGroups } = environment("production").cluster;
    expect(platformsOf(nodeGroups)).toEqual(["linux/amd64"]);
    const arm = { ...nodeGroups.system, instanceTypes: ["m7g.large"] };
    expect(platformsOf({ ...nodeGroups, system: arm })).toEqual(["linux/amd64", "linux/arm64"]);
  });
});

describe("the image's pg_dump", () => {
  test.each(environmentNames)("has the major version of %s's database", (name) => {
    const dockerfile = readFileSync(join(projectRoot, "app/Dockerfile"), "utf8");
    const [, major] = /^ARG POSTGRES_IMAGE=\S+\/postgres:(\d+)-/m.exec(dockerfile) ?? [];
    expect(major).toBe(environment(name).database.majorVersion);
  });
});

describe("contentHash", () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  function project(files: Readonly<Record<string, string>> = {}): string {
    const root = mkdtempSync(join(tmpdir(), "content-"));
    folders.push(root);
    const all = {
      "package.json": "{}",
      "package-lock.json": "{}",
      "tsconfig.json": "{}",
      "app/Dockerfile": "FROM scratch",
      "app/services/main.ts": "1",
      ...files,
    };
    for (const [path, content] of Object.entries(all)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    return root;
  }

  const hash = contentHash(project());

  test("is the same for the same files, wherever they are", () => {
    const copy = mkdtempSync(join(tmpdir(), "content-"));
    folders.push(copy);
    cpSync(project(), copy, { recursive: true });
    expect(contentHash(copy)).toBe(hash);
  });

  test.each([
    ["app/services/main.ts", "a source"],
    ["app/Dockerfile", "the Dockerfile"],
    ["package-lock.json", "the lock file"],
    ["app/another.ts", "a new file"],
  ])("changes with %s: %s", (path) => {
    expect(contentHash(project({ [path]: "changed" }))).not.toBe(hash);
  });

  test("changes where only a file's name does", () => {
    const moved = project({ "app/services/other.ts": "1" });
    rmSync(join(moved, "app/services/main.ts"));
    expect(contentHash(moved)).not.toBe(hash);
  });

  test.each(["app/dist/main.js", "app/node_modules/pg/index.js", "app/web/dist/page.js", "app/.DS_Store", "README.md"])(
    "does not change with %s, which the image is not built from",
    (path) => {
      expect(contentHash(project({ [path]: "changed" }))).toBe(hash);
    },
  );
});

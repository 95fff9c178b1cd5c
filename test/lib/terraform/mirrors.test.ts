import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { cliConfiguration, providerInstallation } from "../../../lib/terraform/cli-configuration";
import { findMirrors, linkProviders, mirrorOf } from "../../../lib/terraform/mirrors";

const platform = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
const aws = { source: "registry.terraform.io/hashicorp/aws", version: "5.100.0" };
const helm = { source: "registry.terraform.io/hashicorp/helm", version: "3.1.1" };

const folder = () => mkdtempSync(join(tmpdir(), "mirror-"));
const unpacked = (mirror: string, { source, version }: typeof aws) => {
  const place = join(mirror, source, version, platform);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, `terraform-provider-${basename(source)}_v${version}_x5`), "");
};

describe("findMirrors", () => {
  test("looks into Terraform's own folders and below others, as deep as it is told", () => {
    const home = folder();
    const deep = folder();
    unpacked(join(home, ".terraform.d/plugins"), aws);
    unpacked(join(deep, "vendor/terraform"), aws);
    const found = (depth: number) => findMirrors(home, [{ folder: deep, depth }]);
    expect(found(2)).toEqual(
      expect.arrayContaining([join(home, ".terraform.d/plugins"), join(deep, "vendor/terraform")]),
    );
    expect(found(1)).not.toContain(join(deep, "vendor/terraform"));
  });

  test("passes over folders that are not there", () => {
    expect(findMirrors(folder(), [{ folder: "/nonexistent", depth: 3 }])).not.toContain("/nonexistent");
  });
});

describe("mirrorOf", () => {
  test("takes the first that has this very version for this machine", () => {
    const [older, right, alsoRight] = [folder(), folder(), folder()];
    unpacked(older, { ...aws, version: "5.99.0" });
    unpacked(right, aws);
    unpacked(alsoRight, aws);
    expect(mirrorOf(aws, [older, right, alsoRight])).toBe(right);
    expect(mirrorOf(aws, [older])).toBeUndefined();
  });

  test("takes a packed provider too", () => {
    const mirror = folder();
    mkdirSync(join(mirror, aws.source), { recursive: true });
    writeFileSync(join(mirror, aws.source, `terraform-provider-aws_5.100.0_${platform}.zip`), "");
    expect(mirrorOf(aws, [mirror])).toBe(mirror);
  });

  test("does not take a version's folder without the provider in it", () => {
    const mirror = folder();
    const place = join(mirror, aws.source, aws.version, platform);
    mkdirSync(place, { recursive: true });
    expect(mirrorOf(aws, [mirror])).toBeUndefined();
    writeFileSync(join(place, "LICENSE.txt"), "");
    expect(mirrorOf(aws, [mirror])).toBeUndefined();
  });
});

describe("linkProviders", () => {
  const linked = (working: string) =>
    realpathSync(join(working, "terraform.d/plugins", aws.source, aws.version, platform));
  const original = (mirror: string) => realpathSync(join(mirror, aws.source, aws.version, platform));

  test("puts a provider where Terraform looks by itself, and again where it has moved", () => {
    const [first, second, working] = [folder(), folder(), folder()];
    unpacked(first, aws);
    unpacked(second, aws);
    linkProviders(working, [aws, helm], [first]);
    expect(linked(working)).toBe(original(first));
    linkProviders(working, [aws, helm], [second]);
    expect(linked(working)).toBe(original(second));
  });
});

describe("the CLI configuration", () => {
  test("takes from a mirror what it has, and only the rest from the registry", () => {
    const mirror = folder();
    unpacked(mirror, aws);
    const text = providerInstallation([aws, helm], [mirror]);
    expect(text).toContain(`filesystem_mirror {\n    path    = "${mirror}"\n    include = ["${aws.source}"]`);
    expect(text).toContain(`direct {\n    exclude = ["${aws.source}"]`);
    expect(text).toContain("plugin_cache_dir");
  });

  test("keeps no cache of downloads when there is nothing to download", () => {
    const mirror = folder();
    unpacked(mirror, aws);
    expect(providerInstallation([aws], [mirror])).not.toContain("plugin_cache_dir");
  });

  test("is the user's own where that says where providers are", () => {
    const own = join(folder(), "terraformrc");
    writeFileSync(own, "provider_installation {\n  direct {}\n}\n");
    expect(cliConfiguration([aws], { mirrors: [], environment: { TF_CLI_CONFIG_FILE: own } })).toEqual({
      file: own,
      downloaded: [],
    });
  });

  test("is the project's where the user's says nothing of providers", () => {
    const own = join(folder(), "terraformrc");
    const mirror = folder();
    unpacked(mirror, aws);
    writeFileSync(own, "disable_checkpoint = true\n");
    const { file, downloaded } = cliConfiguration([aws, helm], {
      mirrors: [mirror],
      environment: { TF_CLI_CONFIG_FILE: own },
      folder: folder(),
    });
    expect(file).not.toBe(own);
    expect(downloaded).toEqual([helm]);
  });
});

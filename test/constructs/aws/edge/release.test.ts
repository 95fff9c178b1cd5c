import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { TerraformOutput } from "cdktf";
import { formatReleaseState, parseReleaseState, unreleased } from "../../../../config/schema/release-state";
import { ReleaseParameter } from "../../../../constructs/aws/edge/release-parameter";
import { only, synthesize, testStack } from "../../../support/template";

describe("ReleaseParameter", () => {
  const build = () => {
    const stack = testStack();
    const release = new ReleaseParameter(stack, "Release", { name: "/shop/release", protection: true });
    new TerraformOutput(stack, "weight", { value: release.weight("green"), staticId: true });
    return stack;
  };

  test("starts with everything on blue, and is never written again by a deploy", () => {
    expect(only(build(), SsmParameter)).toMatchObject({
      name: "/shop/release",
      type: "String",
      insecure_value: '{"schema":1,"live":"blue","images":{"blue":"","green":""},"weights":{"blue":100,"green":0}}',
      lifecycle: { ignore_changes: ["insecure_value"], prevent_destroy: true },
    });
  });

  test("gives weights as the parameter holds them, not as they were at synthesis", () => {
    expect(synthesize(build()).output?.["weight"]?.value).toMatch(
      /^\$\{jsondecode\(aws_ssm_parameter\.\w+\.insecure_value\)\.weights\.green\}$/,
    );
  });
});

describe("release state", () => {
  test("is read back as it was written", () => {
    expect(parseReleaseState(formatReleaseState(unreleased))).toEqual(unreleased);
  });

  test("names everything that is wrong at once", () => {
    const broken = JSON.stringify({ ...unreleased, live: "red", weights: { blue: 60, green: 60 }, extra: 1 });
    expect(() => parseReleaseState(broken)).toThrow(/3 problem\(s\)[\s\S]*live[\s\S]*weights are not 100 together/);
  });

  test("says so when it is no JSON at all", () => {
    expect(() => parseReleaseState("blue")).toThrow('is not JSON: blue; a first value is {"schema":1');
  });

  test("cannot be written with weights that lose requests", () => {
    expect(() => formatReleaseState({ ...unreleased, weights: { blue: 50, green: 40 } })).toThrow("not 100 together");
  });
});

import { findings, scannable } from "../../tools/checkov/findings";
import type { Report } from "../../tools/checkov/findings";

const stacks = new Map([
  [
    "production-data",
    JSON.stringify({
      "//": { metadata: { stackName: "production-data" } },
      terraform: { required_version: ">= 1.11" },
      resource: {
        aws_s3_bucket: {
          Logs: { "//": { optOuts: ["accessLogs: A bucket that logs into itself never stops."] }, bucket: "logs" },
          Dumps: { bucket: "dumps" },
        },
        aws_route53_zone: { Zone: { "//": { optOuts: ["CKV2_AWS_38: Entered by hand."] }, name: "a.test" } },
      },
    }),
  ],
]);

function report(...failed: readonly (readonly [check: string, resource: string])[]): Report {
  return {
    summary: { passed: 1, parsing_errors: 0 },
    results: {
      failed_checks: failed.map(([check_id, resource]) => ({
        check_id,
        check_name: "A check",
        file_path: "/production-data/cdk.tf.json",
        resource,
      })),
    },
  };
}

describe("a check that checkov failed", () => {
  test("is excepted by the reason that its own resource gives, for the check or for a rule's setting", () => {
    const found = findings(
      report(
        ["CKV2_AWS_38", "aws_route53_zone.Zone"],
        ["CKV_AWS_18", "resource.Logs"],
        ["CKV_AWS_18", "resource.Dumps"],
      ),
      stacks,
    );
    expect(found.map(({ resource, reason }) => [resource, reason])).toEqual([
      ["Zone", "Entered by hand."],
      ["Logs", "A bucket that logs into itself never stops."],
      ["Dumps", undefined],
    ]);
  });

  test("is not excepted by a reason for another check", () => {
    expect(findings(report(["CKV2_AWS_39", "Zone"], ["CKV_AWS_21", "Logs"]), stacks)).toMatchObject([
      { stack: "production-data", check: "CKV2_AWS_39", reason: undefined },
      { stack: "production-data", check: "CKV_AWS_21", reason: undefined },
    ]);
  });
});

test("checkov reads the resources alone", () => {
  expect(scannable(stacks.get("production-data") ?? "")).toEqual({
    resource: {
      aws_s3_bucket: { Logs: { bucket: "logs" }, Dumps: { bucket: "dumps" } },
      aws_route53_zone: { Zone: { name: "a.test" } },
    },
    data: undefined,
  });
});

import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { TerraformStack } from "cdktf";
import { noteOptOut } from "../../constructs/support/protection";
import { enforcePolicy } from "../../policy/enforce";
import { testApp } from "../support/template";

const tags = { Environment: "test", Project: "test", ManagedBy: "test", Stack: "test" };

/** An app of two stacks, of which the second holds a log group that is kept for ever, in clear. */
function appWithLogs() {
  const app = testApp();
  new TerraformStack(app, "first");
  const stack = new TerraformStack(app, "second");
  new AwsProvider(stack, "aws", { defaultTags: [{ tags }] });
  const logs = new CloudwatchLogGroup(stack, "Logs", {});
  enforcePolicy(app);
  return { app, logs };
}

describe("the policy", () => {
  test("stops a synthesis and names every broken rule, where, and what to do", () => {
    const { app } = appWithLogs();
    expect(() => {
      app.synth();
    }).toThrow(
      "[second/Logs] CKV_AWS_66 Every log group says how long it keeps events: set `retentionInDays`\n" +
        "[second/Logs] CKV_AWS_158 Every log group is encrypted with a key of the platform: create log groups with EncryptedLogGroup",
    );
  });

  test("lets a synthesis pass whose exceptions have their reasons", () => {
    const { app, logs } = appWithLogs();
    noteOptOut(logs, "CKV_AWS_158", { reason: "Holds public prices only, and is read by another account." });
    noteOptOut(logs, "CKV_AWS_66", { reason: "The exchange wants its prices kept for ever." });
    expect(() => {
      app.synth();
    }).not.toThrow();
  });
});

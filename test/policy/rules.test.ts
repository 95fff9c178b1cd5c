import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { TerraformVariable } from "cdktf";
import { noteOptOut } from "../../constructs/support/protection";
import { judge } from "../../policy/enforce";
import type { Rule } from "../../policy/rule";
import { rules } from "../../policy/rules";
import { testStack } from "../support/template";
import type { Cases } from "./cases/case";
import { cases as clusterCases } from "./cases/cluster";
import { cases as databaseAndCacheCases } from "./cases/database-and-cache";
import { cases as networkCases } from "./cases/network";
import { cases as storageCases } from "./cases/storage";
import { cases as workloadsCases } from "./cases/workloads";

const cases: Cases = {
  ...clusterCases,
  ...databaseAndCacheCases,
  ...networkCases,
  ...storageCases,
  ...workloadsCases,
};

/** Each file of a folder but one, by its name, with the ids that it holds in order. */
async function idsByFile(folder: string, but: string, ids: (exported: object) => readonly string[]) {
  const files = readdirSync(folder).filter((file) => file !== but);
  const held = files.map(
    async (file) => [file, [...ids((await import(join(folder, file))) as object)].sort()] as const,
  );
  return Object.fromEntries(await Promise.all(held));
}

function ruleOf(id: string): Rule {
  const found = rules.find((rule) => rule.id === id);
  if (found === undefined) throw new Error(`no rule ${id}`);
  return found;
}

describe("every rule", () => {
  test("is tested both ways, in the file of its subject", async () => {
    const ids = rules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const declared = await idsByFile(join(__dirname, "../../policy/rules"), "index.ts", (exported) =>
      Object.values(exported as Record<string, Rule>).map(({ id }) => id),
    );
    const tested = await idsByFile(join(__dirname, "cases"), "case.ts", (exported) =>
      Object.keys((exported as { cases: Cases }).cases),
    );
    expect(Object.values(declared).flat().sort()).toEqual([...ids].sort());
    expect(tested).toEqual(declared);
  });

  test.each(rules)("$id: $title", (rule) => {
    const { complies = [], violates = [] } = cases[rule.id] ?? {};
    expect(complies.map((build) => judge(rule, build(testStack())))).toEqual(complies.map(() => "complies"));
    expect(violates.map((build) => judge(rule, build(testStack())))).toEqual(violates.map(() => "violates"));
    expect([complies.length, violates.length]).not.toContain(0);
  });

  test("leaves what Terraform computes alone: neither passed nor stopped", () => {
    const stack = testStack();
    const encrypted = new TerraformVariable(stack, "encrypted", { type: "bool" });
    const database = new DbInstance(stack, "Database", {
      instanceClass: "db.r5.large",
      storageEncrypted: encrypted.booleanValue,
    });
    expect(judge(ruleOf("CKV_AWS_16"), database)).toBe("not applicable");

    const document = new TerraformVariable(stack, "document", { type: "string" });
    const rights = new IamRolePolicy(stack, "Rights", { role: "role", policy: document.stringValue });
    expect(judge(ruleOf("CKV_AWS_355"), rights)).toBe("not applicable");
  });

  test("leaves elements of other classes alone", () => {
    expect(judge(ruleOf("CKV_AWS_16"), new S3Bucket(testStack(), "Bucket"))).toBe("not applicable");
  });
});

describe("an exception", () => {
  const unencrypted = () => new DbInstance(testStack(), "Database", { instanceClass: "db.r5.large" });
  const reason = "Holds the exchange's public holidays only.";

  test("is for one element and one rule, and its reason stands in the synthesized output", () => {
    const database = unencrypted();
    noteOptOut(database, "CKV_AWS_16", { reason });
    expect(judge(ruleOf("CKV_AWS_16"), database)).toBe("excepted");
    expect(judge(ruleOf("CKV_AWS_133"), database)).toBe("violates");
    expect(JSON.stringify(database.toTerraform())).toContain(`CKV_AWS_16: ${reason}`);
    expect(judge(ruleOf("CKV_AWS_16"), unencrypted())).toBe("violates");
  });

  test("is also the opt-out of the setting that a rule names", () => {
    const database = unencrypted();
    noteOptOut(database, "deletion_protection", { reason });
    expect(judge(ruleOf("CKV_AWS_293"), database)).toBe("excepted");
  });
});

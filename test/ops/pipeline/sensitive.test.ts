import { changesOf } from "../../../ops/pipeline/plan/changes";
import type { PlanFile } from "../../../ops/pipeline/plan/plan-file";
import { environmentComment } from "../../../ops/pipeline/report/comment";
import { driftIssue } from "../../../ops/pipeline/report/drift";
import { planned, recorded, report } from "./plans";

/** Every secret value of the recorded plan begins with it. */
const SECRET = /unseen/;

describe("a plan with sensitive values", () => {
  const plan = recorded("sensitive");
  const { resources } = changesOf(plan);

  test("has them, or this shows nothing", () => {
    expect(JSON.stringify(plan).match(/unseen-\d/g)?.length).toBeGreaterThan(10);
  });

  test("shows none of them, in no form that the pipeline keeps or writes", () => {
    const reports = report(planned("production-data", plan));
    expect(JSON.stringify(reports)).not.toMatch(SECRET);
    expect(environmentComment(reports, { link: "" })).not.toMatch(SECRET);
    expect(driftIssue([reports], "")).not.toMatch(SECRET);
  });

  test("says where they are and that they change", () => {
    const settings = resources.find(({ address }) => address === "terraform_data.Settings")?.attributes;
    expect(settings).toEqual(
      expect.arrayContaining([
        { path: "input.password", before: "(sensitive)", after: "(sensitive)" },
        { path: "input.brokers[0].key", before: "(sensitive)", after: "(sensitive)" },
        { path: "input.generation", before: "1", after: "2" },
      ]),
    );
    // Neither sensitive nor changed.
    expect(settings?.map(({ path }) => path)).not.toContain("input.user");
  });

  test("hides what the provider's schema calls sensitive", () => {
    const shown = (address: string, path: string) =>
      resources
        .find((resource) => resource.address === address)
        ?.attributes.find((attribute) => attribute.path === path)?.after;
    expect(shown("aws_db_instance.Database", "password")).toBe("(sensitive)");
    expect(shown("aws_secretsmanager_secret_version.Broker", "secret_string")).toBe("(sensitive)");
    expect(shown("aws_ssm_parameter.Flag", "value")).toBe("(sensitive)");
    expect(shown("aws_db_instance.Database", "identifier")).toBe("shop");
  });
});

describe("a value", () => {
  const changed = (change: object): string => {
    const resource = { address: "a.b", mode: "managed" as const, type: "a" };
    const values = { actions: ["update" as const], before: {}, after: {}, ...change };
    const plan: PlanFile = {
      format_version: "1.2",
      terraform_version: "",
      resource_changes: [{ ...resource, change: values }],
    };
    return JSON.stringify(changesOf(plan));
  };

  test.each([
    ["before only", { before_sensitive: { a: { b: [true] } }, after_sensitive: {} }],
    ["after only", { before_sensitive: {}, after_sensitive: { a: { b: [true] } } }],
    ["as a whole", { before_sensitive: { a: true }, after_sensitive: { a: true } }],
    ["with its resource", { before_sensitive: true, after_sensitive: true }],
  ])("that is sensitive %s is shown on neither side", (_, masks) => {
    const values = { before: { a: { b: ["hidden-one"] } }, after: { a: { b: ["hidden-two"] } } };
    expect(changed({ ...values, ...masks })).not.toMatch(/hidden/);
    expect(changed(values)).toMatch(/hidden-one.*hidden-two/);
  });

  test("that is sensitive in one place is shown in none", () => {
    const values = { before: {}, after: { password: "hidden-one", url: "postgresql://shop:hidden-one@db/shop" } };
    const text = changed({ ...values, after_sensitive: { password: true } });
    expect(text).toContain("postgresql://shop:(sensitive)@db/shop");
    expect(text).not.toContain("hidden-one");
  });
});

import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import type { TerraformStack } from "cdktf";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../config";
import { reads } from "../../constructs/aws/delivery/reads";
import { DeliveryStack } from "../../stacks/delivery-stack";
import { environmentStacks } from "../../stacks/environment-stacks";
import { resources, synthesize, testApp } from "../support/template";
import type { Block } from "../support/template";

const production = environment("production");
const delivery = new DeliveryStack(testApp(), production);

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Principal?: { readonly Service?: readonly string[] };
  readonly Condition?: Record<string, Record<string, readonly string[]>>;
}
const statements = (policy: Block | undefined, key = "policy") =>
  (JSON.parse(policy?.[key] as string) as { Statement: Statement[] }).Statement;
const [roles, policies, inlinePolicies] = [IamRole, IamPolicy, IamRolePolicy].map((type) => resources(delivery, type));
const role = (name: string) => roles?.find((found) => found["name"] === name);
const policy = (name: string) => statements(policies?.find((found) => found["name"] === name));
const identities = policy("bist-trading-prod-deploy-identities");
/** Inline rights of the role whose Terraform id begins so. */
const rights = (id: string) => statements(inlinePolicies?.find((found) => String(found["role"]).includes(`.${id}_`)));
const like = (pattern: string, text: string) =>
  new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(text);

describe("the plan role", () => {
  const sees = rights("PlanRole");

  test("is for pull requests and branches of the repository", () => {
    const [trust] = statements(role("bist-trading-prod-plan"), "assume_role_policy");
    expect(trust?.Condition?.["StringLike"]).toEqual({
      "token.actions.githubusercontent.com:sub": [
        "repo:bist-trading/platform:pull_request",
        "repo:bist-trading/platform:ref:*",
      ],
    });
  });

  test("asks for settings only", () => {
    const verbs = Object.values(reads).flat();
    expect(verbs.filter((verb) => !/^(Describe|Get|List)/.test(verb))).toEqual([]);
  });

  test("writes nothing but the lock of a state, and what a look for drift found", () => {
    const writes = sees
      .filter(({ Effect }) => Effect === "Allow")
      .flatMap(({ Action, Resource }) => Action.map((action) => [action, ...Resource] as const))
      .filter(([action]) => !/:(Describe|Get|List|Decrypt)/.test(action));
    expect(writes).toEqual([
      ["s3:PutObject", expect.stringMatching(/\/\*\.tflock$/)],
      ["s3:DeleteObject", expect.stringMatching(/\/\*\.tflock$/)],
      ["kms:GenerateDataKey", expect.stringMatching(/aws_kms_key\.State_Key/)],
      ["s3:PutObject", expect.stringMatching(/\/operations\/drift\.json$/)],
    ]);
  });

  test("reads no object but states and that, and no secret's value", () => {
    const objects = sees.filter(
      ({ Effect, Action }) => Effect === "Allow" && Action.some((each) => like(each, "s3:GetObject")),
    );
    expect(objects.flatMap(({ Resource }) => Resource)).toEqual([
      expect.stringMatching(/\.tfstate$/),
      expect.stringMatching(/\.tflock$/),
      expect.stringMatching(/\/operations\/drift\.json$/),
    ]);
    expect(sees.find(({ Effect }) => Effect === "Deny")?.Action).toContain("secretsmanager:GetSecretValue");
  });
});

describe("the deploy role", () => {
  const inline = rights("DeployRole");

  test("is for jobs of the GitHub environment, which its reviewers let through", () => {
    const trust = statements(role("bist-trading-prod-deploy"), "assume_role_policy");
    expect(trust.map(({ Condition }) => Condition?.["StringLike"])).toEqual([
      { "token.actions.githubusercontent.com:sub": ["repo:bist-trading/platform:environment:production"] },
    ]);
  });

  test("may be taken by hand by those whom config names", () => {
    const deployers = ["arn:aws:iam::111122223333:role/PlatformAdministrator"];
    const stack = new DeliveryStack(testApp(), { ...production, delivery: { ...production.delivery, deployers } });
    const trust = statements(
      resources(stack, IamRole).find(({ name }) => name === "bist-trading-prod-deploy"),
      "assume_role_policy",
    );
    expect(trust[1]).toMatchObject({ Principal: { AWS: deployers }, Action: ["sts:AssumeRole"] });
  });

  test.each(operatorCalls())("lets operators call %s", (action) => {
    const allowing = [...inline, ...policy("bist-trading-prod-deploy-resources")].filter(
      ({ Effect, Action }) => Effect === "Allow" && Action.some((each) => like(each, action)),
    );
    // IAM takes these with any resource only.
    const nameless = ["cloudwatch:GetMetricData", "acm:ListCertificates", "sns:ListTopics"].includes(action);
    expect(allowing.filter(({ Resource }) => !nameless || Resource.includes("*"))).not.toEqual([]);
  });

  test("gives rights only to roles that carry the boundary, and never takes it away", () => {
    const granting = ["iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"];
    for (const action of granting) {
      const allowing = [...identities, ...policy("bist-trading-prod-deploy-resources")].filter(
        ({ Effect, Action }) => Effect === "Allow" && Action.some((each) => like(each, action)),
      );
      expect(allowing.map(({ Condition }) => Object.keys(Condition?.["StringEquals"] ?? {}))).toEqual([
        ["iam:PermissionsBoundary"],
      ]);
    }
    expect(inline.find(({ Sid }) => Sid === "KeepBounds")).toMatchObject({
      Effect: "Deny",
      Action: ["iam:DeleteRolePermissionsBoundary"],
      Resource: ["*"],
    });
  });

  test("cannot change the roles of delivery, the state bucket or its key", () => {
    const denied = inline.filter(({ Effect }) => Effect === "Deny");
    const isDenied = (action: string, resource: RegExp) =>
      denied.some(
        ({ Action, Resource }) =>
          Action.some((each) => like(each, action)) && Resource.some((each) => resource.test(each)),
      );
    expect(isDenied("iam:PutRolePolicy", /role\/bist-trading-prod-deploy$/)).toBe(true);
    expect(isDenied("iam:UpdateAssumeRolePolicy", /role\/bist-trading-prod-plan$/)).toBe(true);
    expect(isDenied("s3:DeleteBucket", /aws_s3_bucket\.State_Bucket/)).toBe(true);
    expect(isDenied("s3:DeleteObjectVersion", /\.tfstate$/)).toBe(true);
    expect(isDenied("kms:ScheduleKeyDeletion", /aws_kms_key\.State_Key/)).toBe(true);
  });

  test("never has every action of a service on everything", () => {
    const allowed = [...inline, ...identities, ...policy("bist-trading-prod-deploy-resources")].filter(
      ({ Effect, Resource }) => Effect === "Allow" && Resource.includes("*"),
    );
    expect(allowed.flatMap(({ Action }) => Action).filter((action) => /^\*$|:\*$/.test(action))).toEqual([]);
  });

  test("fits into the policies that IAM has room for", () => {
    for (const { policy: text } of policies ?? []) expect(String(text).length).toBeLessThanOrEqual(6144);
  });
});

describe("the deploy role and the stacks that it deploys", () => {
  const { delivery: _administrators, ...stacks } = environmentStacks(testApp(), production);
  const all = (type: Parameters<typeof resources>[1]) =>
    Object.values<TerraformStack>(stacks).flatMap((stack) => resources(stack, type));

  test("every role can be created, and carries the boundary", () => {
    const patterns =
      policy("bist-trading-prod-deploy-identities").find(({ Sid }) => Sid === "BoundedRoles")?.Resource ?? [];
    const created = all(IamRole);
    expect(created.length).toBeGreaterThan(5);
    for (const { name, permissions_boundary } of created) {
      const arn = `arn:aws:iam::111122223333:role/${String(name)}`;
      expect([arn, patterns.some((pattern) => like(pattern, arn))]).toEqual([arn, true]);
      expect(permissions_boundary).toBe("arn:aws:iam::111122223333:policy/bist-trading-prod-workload-boundary");
    }
  });

  test("every role can be handed to the service that it is for", () => {
    const services = all(IamRole).flatMap((found) =>
      statements(found, "assume_role_policy").flatMap(({ Principal }) => Principal?.Service ?? []),
    );
    const takers = identities.find(({ Sid }) => Sid === "PassRoles")?.Condition?.["StringEquals"]?.[
      "iam:PassedToService"
    ];
    expect([...new Set(services)].filter((service) => takers?.includes(service) !== true)).toEqual([]);
  });

  test("no role is granted what the boundary would take from it", () => {
    const bounds = policy("bist-trading-prod-workload-boundary").flatMap(({ Effect, Action }) =>
      Effect === "Allow" ? Action : [],
    );
    const granted = all(IamRolePolicy).flatMap((inline) => statements(inline).flatMap(({ Action }) => Action));
    expect(granted.length).toBeGreaterThan(20);
    expect(granted.filter((action) => !bounds.some((bound) => like(bound, action)))).toEqual([]);
  });

  test("every bucket can be created", () => {
    for (const { bucket } of all(S3Bucket)) expect(bucket).toMatch(/^bist-trading-prod-/);
  });
});

describe("delivery", () => {
  test("makes the bucket that the backends of all stacks name", () => {
    const { terraform } = synthesize(delivery) as unknown as { terraform: { backend: { s3: { bucket: string } } } };
    const names = resources(delivery, S3Bucket).map(({ bucket }) => bucket);
    expect(names).toContain(terraform.backend.s3.bucket);
  });

  test("shares what the workflows need, by names that do not change", () => {
    expect(Object.keys(synthesize(delivery).output ?? {}).sort()).toEqual([
      "deploy_role_arn",
      "image_repository_arn",
      "image_repository_url",
      "plan_role_arn",
      "state_bucket",
    ]);
  });
});

/** What the operator's tool asks of AWS, by the commands of the SDK that it imports, as IAM names it. */
function operatorCalls(): readonly string[] {
  const folder = join(__dirname, "../../ops");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  const imports = files.flatMap((file) => [
    ...readFileSync(join(folder, file), "utf8").matchAll(/import \{([^}]*)\} from "@aws-sdk\/client-([a-z0-9-]+)"/g),
  ]);
  const calls = imports.flatMap(([, names = "", client = ""]) =>
    [...names.matchAll(/\b(?:(\w+)Command|paginate(\w+))\b/g)].map(([, one, other]) => ({
      client,
      call: one ?? other ?? "",
    })),
  );
  // Everybody may ask who they are.
  const asked = calls.filter(({ client }) => client !== "sts").map(({ client, call }) => iamAction(client, call));
  return [...new Set(asked)].sort();
}

function iamAction(client: string, call: string): string {
  const service =
    { "elastic-load-balancing-v2": "elasticloadbalancing", "secrets-manager": "secretsmanager" }[client] ?? client;
  const action = { HeadObject: "GetObject", ListObjectsV2: "ListBucket" }[call] ?? call;
  return `${service}:${action}`;
}

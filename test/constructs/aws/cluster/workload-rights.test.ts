import { workloadIdentities } from "../../../../constructs/aws/cluster/workload-identities";
import type { WorkloadName } from "../../../../constructs/aws/cluster/workload-identities";
import { workloadRights } from "../../../../constructs/aws/cluster/workload-rights";

const account = { accountId: "111122223333", region: "us-east-1" };
const rights = workloadRights({
  account,
  prefix: "bist-trading-test",
  environment: "production",
  clusterName: "trading",
  database: "bist-trading-postgres-test",
  domain: "bist-trading.com",
});

/** What a workload may change or read, without what only lists and describes. */
const acting = (name: WorkloadName) =>
  rights[name]
    .filter(({ actions }) => actions.some((action) => !/:(Describe|List|GetInstanceTypes)/.test(action)))
    .map(({ actions, resources, conditions }) => ({ actions, resources, conditions }));

const throughKey = (service: string, context: Record<string, string[]>, actions: string[]) => ({
  actions,
  resources: ["arn:aws:kms:us-east-1:111122223333:key/*"],
  conditions: { StringEquals: { "kms:ViaService": [`${service}.us-east-1.amazonaws.com`] }, StringLike: context },
});

describe("rights of workloads", () => {
  test("the load balancer controller fills the environment's target groups", () => {
    expect(acting("loadBalancerController")).toEqual([
      {
        actions: ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
        resources: ["arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/*"],
        conditions: { StringEquals: { "aws:ResourceTag/Environment": ["production"] } },
      },
    ]);
  });

  test("the autoscaler scales the cluster's own node groups", () => {
    expect(acting("clusterAutoscaler")).toEqual([
      {
        actions: ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
        resources: ["arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:*:autoScalingGroupName/eks-*"],
        conditions: { StringEquals: { "aws:ResourceTag/k8s.io/cluster-autoscaler/trading": ["owned"] } },
      },
    ]);
  });

  test("external-secrets reads the platform's secrets and the database's master secret", () => {
    const platform = "arn:aws:secretsmanager:us-east-1:111122223333:secret:bist-trading-test/*";
    const managed = "arn:aws:secretsmanager:us-east-1:111122223333:secret:rds!db-*";
    const read = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"];
    expect(acting("externalSecrets")).toEqual([
      { actions: read, resources: [platform] },
      {
        actions: read,
        resources: [managed],
        conditions: {
          ArnEquals: {
            "aws:ResourceTag/aws:rds:primaryDBInstanceArn": [
              "arn:aws:rds:us-east-1:111122223333:db:bist-trading-postgres-test",
            ],
          },
        },
      },
      throughKey("secretsmanager", { "kms:EncryptionContext:SecretARN": [platform, managed] }, ["kms:Decrypt"]),
    ]);
  });

  test("cert-manager writes challenges for the domain's hosts and no other record", () => {
    expect(acting("certManager")).toEqual([
      { actions: ["route53:GetChange"], resources: ["arn:aws:route53:::change/*"] },
      {
        actions: ["route53:ChangeResourceRecordSets"],
        resources: ["arn:aws:route53:::hostedzone/*"],
        conditions: {
          "ForAllValues:StringEquals": { "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"] },
          "ForAllValues:StringLike": {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": [
              "_acme-challenge.bist-trading.com",
              "_acme-challenge.*.bist-trading.com",
            ],
          },
        },
      },
    ]);
  });

  test("Alertmanager publishes to the alarm topic", () => {
    const topic = "arn:aws:sns:us-east-1:111122223333:bist-trading-test-alarms";
    expect(acting("alertmanager")).toEqual([
      { actions: ["sns:Publish"], resources: [topic] },
      throughKey("sns", { "kms:EncryptionContext:aws:sns:topicArn": [topic] }, ["kms:Decrypt", "kms:GenerateDataKey"]),
    ]);
  });

  test("the backup job writes dumps and cannot read them", () => {
    const bucket = "arn:aws:s3:::bist-trading-test-backups-111122223333";
    expect(acting("databaseBackup")).toEqual([
      {
        actions: ["s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload"],
        resources: [`${bucket}/database/*`],
      },
      throughKey("s3", { "kms:EncryptionContext:aws:s3:arn": [bucket, `${bucket}/database/*`] }, [
        "kms:Decrypt",
        "kms:GenerateDataKey",
      ]),
    ]);
  });

  test("the time series' own server keeps its backups, and sees no dump", () => {
    const bucket = "arn:aws:s3:::bist-trading-test-backups-111122223333";
    expect(rights.timeSeries.map(({ actions, resources }) => ({ actions, resources }))).toEqual([
      { actions: ["s3:ListBucket"], resources: [bucket] },
      {
        actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
        resources: [`${bucket}/time-series/*`],
      },
      { actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: ["arn:aws:kms:us-east-1:111122223333:key/*"] },
    ]);
    expect(rights.timeSeries.at(-1)?.conditions).toEqual(
      throughKey("s3", { "kms:EncryptionContext:aws:s3:arn": [bucket, `${bucket}/time-series/*`] }, []).conditions,
    );
  });

  test("name every action; where they name no resource, they only look", () => {
    for (const { actions, resources } of Object.values(rights).flat()) {
      for (const action of actions) expect(action).not.toContain("*");
      if (resources?.includes("*") === true) {
        for (const action of actions) expect(action).toMatch(/:(Describe|List|GetInstanceTypes)/);
      }
    }
  });

  test("belong to one service account each", () => {
    const accounts = Object.values(workloadIdentities("app")).map(
      ({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`,
    );
    expect(new Set(accounts).size).toBe(accounts.length);
    expect(accounts).toContain("app/database-backup");
  });
});

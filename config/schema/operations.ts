import { z } from "zod";
import { arn, cidr, days } from "./values";

/** Who runs the platform, and from where. */
export const operators = z.strictObject({
  /** Networks of the administrators: Grafana, and SSH when not empty. */
  cidrs: z.array(cidr),
  /** Mail addresses that alarms reach through SNS; each confirms its subscription once. */
  alarmEmails: z.array(z.email("is not an email address")),
  /** Asks an operator for the environment's name a second time before anything is changed. */
  confirmByName: z.boolean(),
  /** HTTPS endpoints of a paging service. */
  alarmEndpoints: z.array(z.url({ protocol: /^https$/, error: "is not an address that starts with https://" })),
});

export const backups = z.strictObject({
  /** Days that database dumps stay in the backup bucket. */
  dumpRetentionDays: days,
  /** Days that AWS Backup keeps daily recovery points. */
  recoveryPointRetentionDays: days,
  /** When AWS Backup starts, UTC, AWS cron; every hour at most. */
  schedule: z
    .string()
    .regex(
      /^cron\([0-5]?\d( [^ )]+){5}\)$/,
      "is not an AWS cron expression with one minute, for example cron(0 2 * * ? *)",
    ),
});

export const delivery = z.strictObject({
  github: z.strictObject({
    owner: z.string().regex(/^[A-Za-z0-9-]+$/, "is not the name of a GitHub owner"),
    repository: z.string().regex(/^[A-Za-z0-9._-]+$/, "is not the name of a GitHub repository"),
    /**
     * Numeric ids of owner and repository, which the token's subject carries for repositories created or renamed
     * since 2026-07-15. Leave out for older ones.
     */
    ids: z.strictObject({ owner: z.int().positive(), repository: z.int().positive() }).optional(),
    /** GitHub environment that the deploy role trusts. */
    environment: z.string(),
  }),
  image: z.strictObject({
    repository: z.string().regex(/^[a-z0-9]+([._/-][a-z0-9]+)*$/, "is not an ECR repository name"),
    /** Images kept; older ones expire. */
    keep: z.int().min(1).max(1000),
  }),
  /** ARNs that may assume the deploy role beside GitHub, for an administrator's first deploy. */
  deployers: z.array(arn),
});

/** The account and region that a construct names in ARNs; `environment.aws` is one. Known at synthesis, so plans stay short. */
export interface Account {
  readonly accountId: string;
  readonly region: string;
}

/** ARN of a regional resource, for example `arn(account, "secretsmanager", "secret:name/*")`. */
export function arn({ accountId, region }: Account, service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

/** ARN of a role, user or policy of the account, for example `iamArn(account, "role/deploy")`. */
export function iamArn({ accountId }: Account, resource: string): string {
  return `arn:aws:iam::${accountId}:${resource}`;
}

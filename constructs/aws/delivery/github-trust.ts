import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import { Construct } from "constructs";
import type { Statement } from "../iam/policy-document";

export interface GithubRepository {
  readonly owner: string;
  readonly repository: string;
  /** Numeric ids, which the tokens of repositories created or renamed since 2026-07-15 carry. @default names only */
  readonly ids?: { readonly owner: number; readonly repository: number };
}

const ISSUER = "token.actions.githubusercontent.com";
const AUDIENCE = "sts.amazonaws.com";

/**
 * What a job's token says of itself, for example `repo:bist-trading/platform:environment:production`.
 *
 * Source: github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens
 */
export function subject({ owner, repository, ids }: GithubRepository, context: string): string {
  return ids === undefined
    ? `repo:${owner}/${repository}:${context}`
    : `repo:${owner}@${ids.owner}/${repository}@${ids.repository}:${context}`;
}

/** Lets jobs of one GitHub repository assume roles, without a key that could leak. One an account. */
export class GithubTrust extends Construct {
  private readonly providerArn: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly repository: GithubRepository,
  ) {
    super(scope, id);
    // AWS trusts GitHub's certificate authority by itself: no thumbprint.
    const provider = new IamOpenidConnectProvider(this, "Resource", {
      url: `https://${ISSUER}`,
      clientIdList: [AUDIENCE],
    });
    this.providerArn = provider.arn;
  }

  /** A trust statement for the jobs of some contexts: `environment:production`, `pull_request`, `ref:refs/heads/*`. */
  jobs(contexts: readonly string[]): Statement {
    return {
      sid: "GithubJobs",
      principals: { Federated: [this.providerArn] },
      actions: ["sts:AssumeRoleWithWebIdentity"],
      conditions: {
        StringEquals: { [`${ISSUER}:aud`]: [AUDIENCE] },
        StringLike: { [`${ISSUER}:sub`]: contexts.map((context) => subject(this.repository, context)) },
      },
    };
  }
}

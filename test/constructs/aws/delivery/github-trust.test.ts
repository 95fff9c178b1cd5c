import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import { GithubTrust, subject } from "../../../../constructs/aws/delivery/github-trust";
import { only, testStack } from "../../../support/template";

const repository = { owner: "shop", repository: "platform" };

describe("GithubTrust", () => {
  test("trusts GitHub's issuer for calls to AWS", () => {
    const stack = testStack();
    new GithubTrust(stack, "Github", repository);
    expect(only(stack, IamOpenidConnectProvider)).toEqual({
      url: "https://token.actions.githubusercontent.com",
      client_id_list: ["sts.amazonaws.com"],
    });
  });

  test("lets in jobs of the contexts named, and of this repository only", () => {
    const trust = new GithubTrust(testStack(), "Github", repository).jobs(["environment:production"]);
    expect(trust).toMatchObject({
      actions: ["sts:AssumeRoleWithWebIdentity"],
      conditions: {
        StringEquals: { "token.actions.githubusercontent.com:aud": ["sts.amazonaws.com"] },
        StringLike: { "token.actions.githubusercontent.com:sub": ["repo:shop/platform:environment:production"] },
      },
    });
  });

  test("names newer repositories with the ids that their tokens carry", () => {
    expect(subject({ ...repository, ids: { owner: 12, repository: 34 } }, "pull_request")).toBe(
      "repo:shop@12/platform@34:pull_request",
    );
  });
});

import { policyDocument } from "../../../../constructs/aws/iam/policy-document";

describe("policyDocument", () => {
  test("writes each statement in IAM's terms, without what it does not have", () => {
    const policy = policyDocument([
      { sid: "Read", actions: ["s3:GetObject"], resources: ["arn:aws:s3:::b/*"] },
      {
        sid: "Refuse",
        effect: "Deny",
        principals: "*",
        actions: ["s3:*"],
        resources: ["*"],
        conditions: { Bool: { "aws:SecureTransport": ["false"] } },
      },
    ]);
    expect(JSON.parse(policy)).toEqual({
      Version: "2012-10-17",
      Statement: [
        { Sid: "Read", Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::b/*"] },
        {
          Sid: "Refuse",
          Effect: "Deny",
          Principal: "*",
          Action: ["s3:*"],
          Resource: ["*"],
          Condition: { Bool: { "aws:SecureTransport": ["false"] } },
        },
      ],
    });
  });

  test("refuses what IAM would refuse at apply only", () => {
    const statement = { actions: ["s3:GetObject"], resources: ["*"] };
    expect(() => policyDocument([{ ...statement, sid: "read-it" }])).toThrow(
      'policy statement "read-it": a sid is letters and digits only',
    );
    expect(() =>
      policyDocument([
        { ...statement, sid: "Read" },
        { ...statement, sid: "Read" },
      ]),
    ).toThrow('policy statement "Read" stands twice: give each its own sid');
  });
});

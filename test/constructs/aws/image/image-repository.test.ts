import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { ImageRepository } from "../../../../constructs/aws/image/image-repository";
import type { Protection } from "../../../../constructs/support/protection";
import { only, testStack } from "../../../support/template";

function build(protection: Protection = true) {
  const stack = testStack();
  new ImageRepository(stack, "Images", {
    name: "shop/app",
    prefix: "shop",
    account: { accountId: "111122223333", region: "us-east-1" },
    keep: 7,
    protection,
  });
  return stack;
}

describe("ImageRepository", () => {
  test("is encrypted, scans what is pushed, and never moves a tag", () => {
    expect(only(build(), EcrRepository)).toMatchObject({
      name: "shop/app",
      image_tag_mutability: "IMMUTABLE",
      image_scanning_configuration: { scan_on_push: true },
      encryption_configuration: [{ encryption_type: "KMS", kms_key: expect.stringMatching(/aws_kms_key\./) as string }],
      force_delete: false,
      lifecycle: { prevent_destroy: true },
    });
  });

  test("keeps as many images as it is told", () => {
    const { rules } = JSON.parse(only(build(), EcrLifecyclePolicy)["policy"] as string) as { rules: unknown[] };
    expect(rules).toEqual([
      expect.objectContaining({
        selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 7 },
        action: { type: "expire" },
      }),
    ]);
  });

  test("goes with its images where nothing is protected", () => {
    expect(only(build({ reason: "Nothing here is worth keeping." }), EcrRepository)).toMatchObject({
      force_delete: true,
    });
  });
});

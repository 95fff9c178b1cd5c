import { Release } from "@cdktf/provider-helm/lib/release";
import { CustomObjects } from "../../../../constructs/kubernetes/custom-objects/custom-objects";
import type { CustomObject } from "../../../../constructs/kubernetes/custom-objects/custom-objects";
import { only, testStack } from "../../../support/template";

const issuer: CustomObject = {
  apiVersion: "cert-manager.io/v1",
  kind: "ClusterIssuer",
  metadata: { name: "letsencrypt" },
};
const broken: CustomObject = {
  ...issuer,
  validate: () => {
    throw new Error("/spec/acme/email must be string");
  },
};

describe("CustomObjects", () => {
  test("hands whole objects to the local chart, seen from where Terraform runs", () => {
    const stack = testStack();
    new CustomObjects(stack, "Issuers", { releaseName: "issuers", namespace: "cert-manager", objects: [issuer] });
    expect(only(stack, Release)).toMatchObject({
      chart: "../../../charts/custom-objects",
      values: [JSON.stringify({ objects: [issuer] })],
      atomic: true,
    });
  });

  test("refuses an object that its definition would refuse, by kind and name", () => {
    expect(
      () =>
        new CustomObjects(testStack(), "Issuers", {
          releaseName: "issuers",
          namespace: "x",
          objects: [issuer, broken],
        }),
    ).toThrow("test/Issuers: ClusterIssuer letsencrypt: /spec/acme/email must be string");
  });
});

import { Release } from "@cdktf/provider-helm/lib/release";
import { HelmAddOn } from "../../../constructs/helm/helm-add-on";
import { only, testStack } from "../../support/template";

const chart = { name: "cert-manager", repository: "https://charts.example.com", version: "v1.21.1" };

describe("HelmAddOn", () => {
  test("is installed whole or not at all, at its one version", () => {
    const stack = testStack();
    new HelmAddOn(stack, "CertManager", { chart, namespace: "cert-manager", values: { crds: { enabled: true } } });
    expect(only(stack, Release)).toMatchObject({
      name: "cert-manager",
      chart: "cert-manager",
      repository: "https://charts.example.com",
      version: "v1.21.1",
      atomic: true,
      cleanup_on_fail: true,
      timeout: 600,
      values: ['{"crds":{"enabled":true}}'],
    });
  });

  test.each(["", "latest", "1.x", "^1.2.3", ">=1.0.0"])("refuses the version %j, which is not one", (version) => {
    expect(
      () => new HelmAddOn(testStack(), "CertManager", { chart: { ...chart, version }, namespace: "x", values: {} }),
    ).toThrow(`test/CertManager: chart version "${version}" is not pinned`);
  });
});

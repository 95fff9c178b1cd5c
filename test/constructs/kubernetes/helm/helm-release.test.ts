import { Release } from "@cdktf/provider-helm/lib/release";
import type { Charts } from "../../../../config/schema/platform";
import { HelmRelease } from "../../../../constructs/kubernetes/helm/helm-release";
import { only, resources, testStack } from "../../../support/template";

const chart = { name: "cert-manager", repository: "https://charts.example.com", version: "v1.21.1" };
const addOn = (charts: Charts, version = chart.version) => {
  const stack = testStack();
  const { ready } = new HelmRelease(stack, "CertManager", {
    chart: { ...chart, version },
    namespace: "cert-manager",
    values: { crds: { enabled: true } },
    charts,
  });
  return { stack, ready };
};

describe("HelmRelease", () => {
  test("is installed whole or not at all, at its one version", () => {
    const { stack, ready } = addOn({ from: "publishers" });
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
    expect(ready).toHaveLength(1);
  });

  test("comes from the repository or the folder that an environment has charts in", () => {
    expect(only(addOn({ from: "repository", address: "oci://charts.example.com" }).stack, Release)).toMatchObject({
      chart: "cert-manager",
      repository: "oci://charts.example.com",
    });
    const inFolder = only(addOn({ from: "folder", path: ".local/charts" }).stack, Release);
    expect(inFolder).toMatchObject({ chart: "../../../.local/charts/cert-manager" });
    expect(inFolder).not.toHaveProperty("repository");
  });

  test("is not there where an environment has no charts, and nothing waits for it", () => {
    const { stack, ready } = addOn({ from: "nowhere", reason: "There is no Internet." });
    expect(resources(stack, Release)).toEqual([]);
    expect(ready).toEqual([]);
  });

  test.each(["", "latest", "1.x", "^1.2.3", ">=1.0.0"])("refuses the version %j, which is not one", (version) => {
    expect(() => addOn({ from: "publishers" }, version)).toThrow(
      `test/CertManager: chart version "${version}" is not pinned`,
    );
  });
});

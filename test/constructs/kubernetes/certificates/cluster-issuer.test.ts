import { ClusterIssuer } from "../../../../constructs/kubernetes/certificates/cluster-issuer";
import type { Authority } from "../../../../config/schema/platform";
import { valuesOf } from "../../../support/helm";
import { testStack } from "../../../support/template";

const objects = (authority: Authority) => {
  const stack = testStack();
  new ClusterIssuer(stack, "Issuer", {
    name: "letsencrypt-prod",
    authority,
    namespace: "cert-manager",
    zone: { domain: "bist-trading.com", zoneId: "Z1", region: "us-east-1" },
    after: [],
  });
  return valuesOf(stack, "cluster-issuer")["objects"];
};

describe("ClusterIssuer", () => {
  test("proves to a public authority by a record in the platform's own zone, with the rights of its pod", () => {
    const acme = {
      kind: "acme",
      server: "https://acme.example.com/directory",
      email: "admin@bist-trading.com",
    } as const;
    expect(objects(acme)).toEqual([
      {
        apiVersion: "cert-manager.io/v1",
        kind: "ClusterIssuer",
        metadata: { name: "letsencrypt-prod" },
        spec: {
          acme: {
            server: "https://acme.example.com/directory",
            email: "admin@bist-trading.com",
            privateKeySecretRef: { name: "letsencrypt-prod" },
            solvers: [
              {
                selector: { dnsZones: ["bist-trading.com"] },
                dns01: { route53: { region: "us-east-1", hostedZoneID: "Z1" } },
              },
            ],
          },
        },
      },
    ]);
  });

  test("signs with a key of its own where no public authority can be asked", () => {
    expect(objects({ kind: "own" })).toMatchObject([
      { kind: "ClusterIssuer", metadata: { name: "letsencrypt-prod-root" }, spec: { selfSigned: {} } },
      { kind: "Certificate", spec: { isCA: true, secretName: "letsencrypt-prod-root" } },
      {
        kind: "ClusterIssuer",
        metadata: { name: "letsencrypt-prod" },
        spec: { ca: { secretName: "letsencrypt-prod-root" } },
      },
    ]);
  });
});

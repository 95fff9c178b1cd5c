import { Release } from "@cdktf/provider-helm/lib/release";
import { ServiceCertificate } from "../../../../constructs/kubernetes/certificates/service-certificate";
import { only, testStack } from "../../../support/template";

describe("ServiceCertificate", () => {
  test("is the guide's, for its hosts, by its issuer, with a key that is made anew at each renewal", () => {
    const stack = testStack();
    const { shown } = new ServiceCertificate(stack, "Certificate", {
      namespace: "trading",
      hosts: ["api.bist-trading.com", "market.bist-trading.com"],
      issuer: "letsencrypt-prod",
      publiclyTrusted: true,
    });
    const [values] = only(stack, Release)["values"] as [string];
    expect(JSON.parse(values)).toEqual({
      objects: [
        {
          apiVersion: "cert-manager.io/v1",
          kind: "Certificate",
          metadata: { name: "bist-trading-cert", namespace: "trading" },
          spec: {
            secretName: "bist-trading-tls",
            issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: "letsencrypt-prod" },
            dnsNames: ["api.bist-trading.com", "market.bist-trading.com"],
            privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
            usages: ["digital signature", "server auth"],
          },
        },
      ],
    });
    expect(shown).toEqual({ secretName: "bist-trading-tls", publiclyTrusted: true });
  });
});

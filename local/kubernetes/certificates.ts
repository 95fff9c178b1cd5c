import "reflect-metadata";
import { X509Certificate } from "node:crypto";
import type { webcrypto } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  X509Certificate as Certificate,
} from "@peculiar/x509";
import { writeFileAtomically } from "../../lib/write-file-atomically";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
const CERTIFICATE_DAYS = 365;
/** A certificate that ends sooner is made anew by the next start. */
const RENEWED_BEFORE_END_DAYS = 30;

/** Paths of a certificate and its key, PEM. Only their owner may read the key. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Whom a certificate is for. */
export interface Subject {
  /** To Kubernetes, the user. */
  readonly commonName: string;
  /** To Kubernetes, the group. @default none */
  readonly organization?: string;
  /** Names and addresses that a server answers at. @default none: a client's certificate */
  readonly hosts?: readonly string[];
}

/** An authority of this machine's own, kept in a folder with what it issues. */
export class CertificateAuthority {
  /** Path of the authority's certificate. */
  readonly certificate: string;

  private constructor(
    private readonly folder: string,
    private readonly issuer: Certificate,
    private readonly signingKey: webcrypto.CryptoKey,
  ) {
    this.certificate = join(folder, "ca.crt");
  }

  /** The authority that is kept in a folder; a new one where there is none. */
  static async in(folder: string): Promise<CertificateAuthority> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const files = filesOf(folder, "ca");
    if (!existsSync(files.certificate)) {
      const keys = await newKeys();
      const authority = await X509CertificateGenerator.createSelfSigned({
        name: "CN=bist-trading-local",
        ...validFor(AUTHORITY_DAYS),
        keys,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new BasicConstraintsExtension(true, 0, true),
          new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        ],
      });
      await write(files, authority, keys.privateKey);
    }
    const der = PemConverter.decodeFirst(readFileSync(files.key, "utf8"));
    const signingKey = await crypto.subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]);
    return new CertificateAuthority(folder, new Certificate(readFileSync(files.certificate, "utf8")), signingKey);
  }

  /** The certificate of that name, made anew when there is none for this subject or it ends soon. */
  async issue(name: string, subject: Subject): Promise<KeyPair> {
    const files = filesOf(this.folder, name);
    if (existsSync(files.certificate) && isStillGood(readFileSync(files.certificate), subject)) return files;
    const keys = await newKeys();
    const { commonName, organization, hosts = [] } = subject;
    const usage =
      hosts.length > 0 ? [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth] : [ExtendedKeyUsage.clientAuth];
    const issued = await X509CertificateGenerator.create({
      subject: [{ CN: [commonName] }, ...(organization === undefined ? [] : [{ O: [organization] }])],
      issuer: this.issuer.subject,
      ...validFor(CERTIFICATE_DAYS),
      publicKey: keys.publicKey,
      signingKey: this.signingKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension(usage),
        ...(hosts.length > 0 ? [new SubjectAlternativeNameExtension(hosts.map(alternativeName))] : []),
      ],
    });
    await write(files, issued, keys.privateKey);
    return files;
  }
}

const filesOf = (folder: string, name: string): KeyPair => ({
  certificate: join(folder, `${name}.crt`),
  key: join(folder, `${name}.key`),
});

const alternativeName = (host: string) => ({
  type: /^[\d.]+$/.test(host) ? ("ip" as const) : ("dns" as const),
  value: host,
});

const newKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);

function validFor(days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + days * DAY_MS) };
}

/** The key first: a certificate that is there has its key. */
async function write(
  { certificate, key }: KeyPair,
  issued: Certificate,
  privateKey: webcrypto.CryptoKey,
): Promise<void> {
  const der = await crypto.subtle.exportKey("pkcs8", privateKey);
  writeFileAtomically(key, `${PemConverter.encode(der, PemConverter.PrivateKeyTag)}\n`, 0o600);
  writeFileAtomically(certificate, `${issued.toString("pem")}\n`);
}

function isStillGood(pem: Buffer, { commonName, hosts = [] }: Subject): boolean {
  const certificate = new X509Certificate(pem);
  return (
    certificate.subject.split("\n").includes(`CN=${commonName}`) &&
    hosts.every((host) => (/^[\d.]+$/.test(host) ? certificate.checkIP(host) : certificate.checkHost(host))) &&
    certificate.validToDate.getTime() - Date.now() > RENEWED_BEFORE_END_DAYS * DAY_MS
  );
}

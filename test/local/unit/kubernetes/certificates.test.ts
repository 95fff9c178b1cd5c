import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, get } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CertificateAuthority } from "../../../../local/kubernetes/certificates";
import type { KeyPair } from "../../../../local/kubernetes/certificates";

describe("the certificates of the local cluster", () => {
  let folder: string;
  let authority: CertificateAuthority;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "certificates-"));
    authority = await CertificateAuthority.in(folder);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const certificate = ({ certificate }: KeyPair) => new X509Certificate(readFileSync(certificate));
  const server = { commonName: "server", hosts: ["127.0.0.1", "localhost"] };

  test("name the user and the group that Kubernetes reads of them", async () => {
    const pair = await authority.issue("client", { commonName: "somebody", organization: "system:masters" });
    const issued = certificate(pair);
    expect(issued.subject.split("\n").sort()).toEqual(["CN=somebody", "O=system:masters"]);
    expect(issued.checkIssued(new X509Certificate(readFileSync(authority.certificate)))).toBe(true);
    expect(issued.checkPrivateKey(createPrivateKey(readFileSync(pair.key)))).toBe(true);
    expect(issued.ca).toBe(false);
    expect(statSync(pair.key).mode & 0o777).toBe(0o600);
  });

  test("stay as long as they fit, and are made anew for another host", async () => {
    const serial = async (hosts: readonly string[]) =>
      certificate(await authority.issue("server", { ...server, hosts })).serialNumber;
    const first = await serial(server.hosts);
    expect(await serial(server.hosts)).toBe(first);
    expect(await serial([...server.hosts, "172.20.0.1"])).not.toBe(first);
  });

  test("are made anew before they end", async () => {
    const first = certificate(await authority.issue("server", server));
    jest.useFakeTimers({ now: first.validToDate.getTime() - 20 * 86_400_000, doNotFake: ["nextTick", "setImmediate"] });
    try {
      const second = certificate(await authority.issue("server", server));
      expect(second.serialNumber).not.toBe(first.serialNumber);
      expect(second.validToDate.getTime()).toBeGreaterThan(first.validToDate.getTime());
    } finally {
      jest.useRealTimers();
    }
  });

  test("are issued by the same authority after a restart, and by another in another folder", async () => {
    const again = await CertificateAuthority.in(folder);
    const authorityOf = (of: CertificateAuthority) => new X509Certificate(readFileSync(of.certificate));
    const issued = certificate(await again.issue("later", server));
    expect(issued.verify(authorityOf(authority).publicKey)).toBe(true);
    const other = await CertificateAuthority.in(join(folder, "other"));
    expect(issued.verify(authorityOf(other).publicKey)).toBe(false);
  });

  test("let a server ask its clients for theirs", async () => {
    const read = ({ certificate, key }: KeyPair) => ({ cert: readFileSync(certificate), key: readFileSync(key) });
    const ca = readFileSync(authority.certificate);
    const options = { ...read(await authority.issue("server", server)), ca, requestCert: true };
    const https = createServer(options, (_request, response) => response.end("seen")).listen(0, "127.0.0.1");
    await new Promise((resolve) => https.once("listening", resolve));
    const { port } = https.address() as AddressInfo;
    const status = (client: object) =>
      new Promise<number | string>((resolve) => {
        get({ host: "127.0.0.1", port, ca, agent: false, ...client }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        }).once("error", (error: NodeJS.ErrnoException) => {
          resolve(error.code ?? error.message);
        });
      });
    try {
      expect(await status(read(await authority.issue("client", { commonName: "client" })))).toBe(200);
      expect(await status({})).not.toBe(200);
    } finally {
      https.close();
    }
  });
});

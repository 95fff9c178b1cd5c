import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import fastify from "fastify";
import pino from "pino";
import { followCertificate, readCertificate } from "../../../app/packages/kit/http/tls";

const opensslInstalled = spawnSync("openssl", ["version"]).status === 0;

(opensslInstalled ? describe : describe.skip)("TLS of a service (needs openssl)", () => {
  const folder = mkdtempSync(join(tmpdir(), "bist-tls-"));
  const files = { certificateFile: join(folder, "tls.crt"), keyFile: join(folder, "tls.key") };
  const issue = (name: string) => {
    const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    const args = [
      "req",
      "-x509",
      "-nodes",
      ...curve,
      "-days",
      "1",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      key,
      "-out",
      certificate,
    ];
    expect(spawnSync("openssl", args).status).toBe(0);
    copyFileSync(certificate, files.certificateFile);
    copyFileSync(key, files.keyFile);
  };
  const portOf = async (url: Promise<string>) => Number(new URL(await url).port);
  const presented = (port: number, maxVersion?: "TLSv1.1") =>
    new Promise<string>((resolve, reject) => {
      const socket = connect({
        host: "127.0.0.1",
        port,
        rejectUnauthorized: false,
        maxVersion,
        minVersion: maxVersion,
      });
      socket.once("error", reject).once("secureConnect", () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
    });

  test("takes a renewed certificate without a restart", async () => {
    issue("first");
    const app = fastify({ https: readCertificate(files) });
    followCertificate(app, files, pino({ level: "silent" }), 20);
    const port = await portOf(app.listen({ host: "127.0.0.1", port: 0 }));
    expect(await presented(port)).toBe("first");
    issue("second");
    while ((await presented(port)) !== "second") await new Promise((resolve) => setTimeout(resolve, 20));
    await app.close();
  });

  test("ASVS 12.1.1: speaks no old version", async () => {
    issue("third");
    const app = fastify({ https: readCertificate(files) });
    const port = await portOf(app.listen({ host: "127.0.0.1", port: 0 }));
    await expect(presented(port, "TLSv1.1")).rejects.toThrow();
    await app.close();
  });
});

import { readFileSync, unwatchFile, watchFile } from "node:fs";
import type { Server } from "node:https";
import type { FastifyInstance } from "fastify";
import type { HttpConfig } from "../config/sections";
import type { Logger } from "../observability/logger";

type TlsFiles = NonNullable<HttpConfig["tls"]>;

/** Certificates are renewed weeks before they end: there is no hurry to notice. */
const lookEveryMs = 30_000;

export const readCertificate = ({ certificateFile, keyFile }: TlsFiles) => ({
  cert: readFileSync(certificateFile),
  key: readFileSync(keyFile),
  minVersion: "TLSv1.2" as const,
});

/** Takes a renewed certificate from its files without a restart. @param intervalMs how often it looks */
export function followCertificate(
  app: FastifyInstance,
  files: TlsFiles,
  log: Logger,
  intervalMs: number = lookEveryMs,
): void {
  const renew = () => {
    try {
      (app.server as unknown as Server).setSecureContext(readCertificate(files));
      log.info("a renewed certificate is in use");
    } catch (error) {
      // The two files are replaced one after the other: in between they do not fit, and the change of the second follows.
      log.warn({ error: (error as Error).message }, "a renewed certificate could not be used");
    }
  };
  const watched = [files.certificateFile, files.keyFile];
  for (const file of watched) watchFile(file, { interval: intervalMs, persistent: false }, renew);
  app.addHook("onClose", (_app, done) => {
    for (const file of watched) unwatchFile(file, renew);
    done();
  });
}

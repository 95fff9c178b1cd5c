import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeAfterTests } from "./left-over";

/** Why no certificate can be issued here, or undefined where one can. */
export const opensslMissing = spawnSync("openssl", ["version"]).status === 0 ? undefined : "install openssl";

/** An authority that no system trusts, as RDS' is. */
export class PrivateAuthority {
  private readonly folder = mkdtempSync(join(tmpdir(), "bist-authority-"));
  readonly certificateFile = this.file("authority.crt");

  constructor() {
    closeAfterTests(() => {
      rmSync(this.folder, { recursive: true, force: true });
      return undefined;
    });
    this.openssl(
      "req",
      "-x509",
      ...this.newKey("authority"),
      "-subj",
      "/CN=A private authority",
      "-out",
      "authority.crt",
    );
  }

  /** The authority's certificate in PEM. */
  get certificate(): string {
    return readFileSync(this.certificateFile, "utf8");
  }

  /** @param names as in subjectAltName, such as `DNS:localhost` */
  issue(...names: readonly string[]): { readonly certificateFile: string; readonly keyFile: string } {
    writeFileSync(this.file("names"), `subjectAltName=${names.join(",")}`);
    this.openssl("req", ...this.newKey("server"), "-subj", "/CN=server", "-out", "server.csr");
    const signer = ["-CA", "authority.crt", "-CAkey", "authority.key", "-CAcreateserial", "-extfile", "names"];
    this.openssl("x509", "-req", "-in", "server.csr", ...signer, "-days", "1", "-out", "server.crt");
    return { certificateFile: this.file("server.crt"), keyFile: this.file("server.key") };
  }

  private newKey(name: string): readonly string[] {
    return ["-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", `${name}.key`];
  }

  private openssl(...args: readonly string[]): void {
    const { status, stderr } = spawnSync("openssl", args, { cwd: this.folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`openssl ${args.join(" ")} failed:\n${stderr}`);
  }

  private file(name: string): string {
    return join(this.folder, name);
  }
}

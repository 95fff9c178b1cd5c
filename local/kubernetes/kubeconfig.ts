import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { writeFileAtomically } from "../../lib/write-file-atomically";
import type { KeyPair } from "./certificates";

/** How one client reaches one API server. */
export interface KubeconfigEntry {
  /** Name of its one context. */
  readonly context: string;
  /** `https://127.0.0.1:<port>` */
  readonly server: string;
  /** Path of the authority's certificate. */
  readonly authority: string;
  readonly client: KeyPair;
}

/** Writes a kubeconfig that holds all it needs; only its owner may read it. JSON is YAML, too. */
export function writeKubeconfig(file: string, { context, server, authority, client }: KubeconfigEntry): void {
  const inline = (path: string) => readFileSync(path).toString("base64");
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: context, cluster: { server, "certificate-authority-data": inline(authority) } }],
    users: [
      {
        name: context,
        user: { "client-certificate-data": inline(client.certificate), "client-key-data": inline(client.key) },
      },
    ],
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    "current-context": context,
  };
  const text = `${JSON.stringify(kubeconfig, null, 2)}\n`;
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileAtomically(file, text, 0o600);
}

import { readFileSync } from "node:fs";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Environment } from "../../../config";
import type { CertificateAuthority } from "../certificates";
import type { Kubectl, KubernetesObject } from "../kubectl";
import { emulatorClient } from "../operator-secrets";

const LOOK_EVERY_MS = 2_000;

interface ExternalSecret extends KubernetesObject {
  readonly spec: {
    readonly target: { readonly name: string };
    readonly data: readonly {
      readonly secretKey: string;
      readonly remoteRef: { readonly key: string; readonly property: string };
    }[];
  };
}

interface Certificate extends KubernetesObject {
  readonly spec: { readonly secretName: string; readonly dnsNames?: readonly string[]; readonly isCA?: boolean };
}

export interface StandInOptions {
  readonly kubectl: Kubectl;
  readonly environment: Environment;
  /** Address of the AWS emulator. */
  readonly endpoint: string;
  /** Issues what cert-manager would have issued. */
  readonly authority: CertificateAuthority;
}

/**
 * Does for real pods what the controllers of external-secrets and cert-manager do where their charts are: copies values
 * of the emulator into the Secrets that ExternalSecrets ask for, and has Certificates issued.
 */
export class StandIns {
  private readonly secretsManager: SecretsManagerClient;
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private readonly problems = new Map<string, string>();

  constructor(private readonly options: StandInOptions) {
    this.secretsManager = emulatorClient(options.endpoint, options.environment);
  }

  /** Looks for what is asked for, again and again, until it is stopped. */
  start(): void {
    this.timer = setInterval(() => {
      this.round = this.round.then(() => this.look());
    }, LOOK_EVERY_MS);
  }

  /** Returns what could not be done at the last look, a line each. */
  async stop(): Promise<readonly string[]> {
    clearInterval(this.timer);
    await this.round;
    this.secretsManager.destroy();
    return [...this.problems].map(([object, problem]) => `${object}: ${problem}`);
  }

  /** What one object lacks holds up no other. */
  private async look(): Promise<void> {
    const { problems } = this;
    problems.clear();
    const attend = async (asked: KubernetesObject, work: Promise<void>) => {
      await work.catch((error: unknown) => {
        const { namespace = "", name } = asked.metadata;
        problems.set(`${asked.kind} ${namespace}/${name}`, error instanceof Error ? error.message : String(error));
      });
    };
    for (const asked of this.list("externalsecrets.external-secrets.io") as ExternalSecret[]) {
      await attend(asked, this.copy(asked));
    }
    for (const asked of this.list("certificates.cert-manager.io") as Certificate[])
      await attend(asked, this.issue(asked));
  }

  /** None where the kind is not known yet. */
  private list(kind: string): readonly KubernetesObject[] {
    const { code, stdout } = this.options.kubectl.try(["get", kind, "--all-namespaces", "--output=json"]);
    return code === 0 ? (JSON.parse(stdout) as { items: readonly KubernetesObject[] }).items : [];
  }

  private async copy({ metadata: { namespace = "" }, spec }: ExternalSecret): Promise<void> {
    if (this.exists(namespace, spec.target.name)) return;
    const values = spec.data.map(async ({ secretKey, remoteRef: { key, property } }) => {
      const { SecretString: text = "{}" } = await this.secretsManager.send(
        new GetSecretValueCommand({ SecretId: key }),
      );
      const value = (JSON.parse(text) as Record<string, string>)[property];
      if (value === undefined) throw new Error(`The secret ${key} has no ${property}, which ${secretKey} is made from`);
      return [secretKey, value] as const;
    });
    this.apply(namespace, spec.target.name, "Opaque", Object.fromEntries(await Promise.all(values)));
  }

  private async issue({ metadata: { name, namespace = "" }, spec }: Certificate): Promise<void> {
    const { secretName, dnsNames: hosts = [], isCA = false } = spec;
    // The authority of this machine signs in place of the cluster's own.
    if (isCA || this.exists(namespace, secretName)) return;
    const { authority } = this.options;
    const [commonName = name] = hosts;
    const pair = await authority.issue(`${namespace}-${name}`, { commonName, hosts });
    this.apply(namespace, secretName, "kubernetes.io/tls", {
      "tls.crt": readFileSync(pair.certificate, "utf8"),
      "tls.key": readFileSync(pair.key, "utf8"),
      "ca.crt": readFileSync(authority.certificate, "utf8"),
    });
  }

  private exists(namespace: string, name: string): boolean {
    return this.options.kubectl.try(["get", "secret", name, `--namespace=${namespace}`]).code === 0;
  }

  private apply(namespace: string, name: string, type: string, stringData: Readonly<Record<string, string>>): void {
    this.options.kubectl.apply([{ apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, type, stringData }]);
  }
}

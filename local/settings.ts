import { emulatorPort } from "../lib/emulated-environment";
import { readPort } from "../lib/read-port";
import { podNetwork } from "./kubernetes/pods/network";

/** What a developer may choose about the local platform, by variables of the environment. */
export interface Settings {
  /** EMULATOR_PORT: port of the AWS emulator on 127.0.0.1. @default 4566 */
  readonly emulatorPort: number;
  /** LOCAL_PODS=real: the application's pods run on this machine, Linux with root. @default kwok calls them ready */
  readonly realPods: boolean;
  /** IMAGE_BASES=machine: the image of real pods stands on this machine's own Node and PostgreSQL client. @default bases of registries */
  readonly machineBases: boolean;
  /** LOCAL_SERVERS_HOST: host that RDS, ElastiCache and EKS report as theirs. @default 127.0.0.1, or where real pods reach this machine */
  readonly serversHost: string;
  /** LOCAL_KUBERNETES_PORT: port that EKS reports for its API server. @default 16443 */
  readonly kubernetesPort: number;
}

/**
 * Reads the settings.
 *
 * @throws Error that names every variable whose value cannot be
 */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const problems: string[] = [];
  const isChosen = (name: string, choice: string) => {
    const text = environment[name] ?? "";
    if (text !== "" && text !== choice) problems.push(`${name} "${text}" is unknown; leave it out, or use "${choice}"`);
    return text === choice;
  };
  const realPods = isChosen("LOCAL_PODS", "real");
  const settings = {
    realPods,
    machineBases: isChosen("IMAGE_BASES", "machine"),
    emulatorPort: emulatorPort(environment, problems),
    serversHost: environment["LOCAL_SERVERS_HOST"] ?? (realPods ? podNetwork.host : "127.0.0.1"),
    kubernetesPort: readPort(environment, { name: "LOCAL_KUBERNETES_PORT", byDefault: 16_443 }, problems),
  };
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return settings;
}

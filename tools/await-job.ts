/**
 * Waits until a Job of the cluster has succeeded, and shows the last lines of its log when it fails or cannot start:
 * Terraform, which runs this after it has made the Job, would only say that it failed.
 *
 *   npm run await-job -- --namespace N --job NAME --seconds 900 --kubeconfig FILE --context NAME
 *   npm run await-job -- --namespace N --job NAME --seconds 900 --cluster NAME --region REGION
 */
import { parseArgs } from "node:util";
import { setTimeout as pause } from "node:timers/promises";
import { EKSClient } from "@aws-sdk/client-eks";
import { networkLimits } from "../app/packages/contract/network-limits";
import { Unreachable } from "../ops/core/outcome";
import { ApiCluster } from "../ops/kubernetes/api-cluster";
import { connection } from "../ops/kubernetes/connect";
import type { Apis } from "../ops/kubernetes/namespace-api";
import { whyNotStarted } from "./kubernetes/why-not-started";

const POLL_MS = 1_000;

const { values } = parseArgs({
  options: {
    namespace: { type: "string" },
    job: { type: "string" },
    seconds: { type: "string" },
    kubeconfig: { type: "string" },
    context: { type: "string" },
    cluster: { type: "string" },
    region: { type: "string" },
  },
});

function required(name: keyof typeof values): string {
  const value = values[name];
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}

function connect(): () => Promise<Apis> {
  if (values.kubeconfig === undefined) {
    const [name, region] = [required("cluster"), required("region")];
    const address = { kubernetes: { access: "eks" }, cluster: { name }, aws: { region } } as const;
    return connection(address, new EKSClient({ region, requestHandler: networkLimits.aws }), "");
  }
  const kubernetes = { access: "kubeconfig", file: values.kubeconfig, context: required("context") } as const;
  const nowhere = { cluster: { name: "" }, aws: { region: "" } };
  return connection({ kubernetes, ...nowhere }, new EKSClient({ region: "none" }), "");
}

async function main(): Promise<void> {
  const [namespace, job, seconds] = [required("namespace"), required("job"), Number(required("seconds"))];
  const apis = connect();
  const cluster = new ApiCluster(apis, namespace);
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const state = await cluster.job(job).catch((error: unknown) => {
      // A wait of minutes survives a restart of the API server.
      if (error instanceof Unreachable && Date.now() < end) return { is: "running" } as const;
      throw error;
    });
    if (state.is === "succeeded") return;
    if (state.is === "failed") throw new Error(`the Job ${job} failed; its last lines:\n${indented(state.log)}`);
    if (Date.now() >= end) {
      const reasons = await whyNotStarted(apis, namespace, job);
      throw new Error(`the Job ${job} has not ended within ${seconds} s:\n${indented(reasons)}`);
    }
    await pause(POLL_MS);
  }
}

const indented = (text: string) => text.trimEnd().replace(/^/gm, "    ");

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});

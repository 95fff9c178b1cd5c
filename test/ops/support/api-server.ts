import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { environment } from "../../../config";
import { ApiCluster } from "../../../ops/kubernetes/api-cluster";
import { ApiObjects } from "../../../ops/kubernetes/api-objects";
import { connection } from "../../../ops/kubernetes/connect";
import { NamespaceApi } from "../../../ops/kubernetes/namespace-api";
import type { Kind } from "../../../ops/kubernetes/objects";
import { startCluster } from "../../support/kubernetes";
import type { TestCluster } from "../../support/kubernetes";
import { temporaryFolder } from "../../support/terraform";
import type { AdminObjects } from "./admin-objects";
import { DEFINITIONS } from "./definitions";

/** An API server of a suite's own, with the custom kinds, and an empty namespace as the tool and a controller have it. */
export interface ApiServer {
  readonly cluster: ApiCluster;
  readonly objects: AdminObjects;
  readonly kubectl: TestCluster["kubectl"];
  readonly namespace: string;
  end(): Promise<void>;
}

export async function startApiServer(): Promise<ApiServer> {
  const root = temporaryFolder("ops-cluster");
  const started = await startCluster(root);
  const { kubectl } = started;
  const local = environment("local");
  const { namespace } = local.trading;
  for (const file of readdirSync(DEFINITIONS)) {
    kubectl.run(["apply", "--server-side", `--filename=${join(DEFINITIONS, file)}`]);
  }
  kubectl.run(["wait", "customresourcedefinitions", "--all", "--for=condition=Established", "--timeout=60s"]);
  kubectl.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }]);
  // Established, they have no storage yet: the server says "(re)initializing".
  const definitions = readdirSync(DEFINITIONS).map((file) => file.replace(/\.json$/, ""));
  while (kubectl.try(["get", definitions.join(","), `--namespace=${namespace}`]).code !== 0) await sleep(100);
  const { kubernetes } = local;
  // The library's client of EKS is not asked: the environment names a file.
  const connect = connection({ ...local, kubernetes }, undefined as never, root);
  const api = new NamespaceApi(connect, namespace);
  const objects = Object.assign(new ApiObjects(api), {
    report: ({ apiVersion, kind, clusterWide = false }: Kind, name: string, status: object) => {
      const [group = ""] = apiVersion.split("/");
      const type = apiVersion.includes("/") ? `${kind}.${group}` : kind;
      const place = clusterWide ? [] : [`--namespace=${namespace}`];
      const patch = ["--subresource=status", "--type=merge", `--patch=${JSON.stringify({ status })}`];
      const { code, stderr } = kubectl.try(["patch", type, name, ...place, ...patch]);
      // Gone since it was looked at.
      if (code === 0 || stderr.includes("NotFound")) return Promise.resolve();
      return Promise.reject(new Error(stderr));
    },
  });
  return { cluster: new ApiCluster(connect, namespace), objects, kubectl, namespace, end: () => started.end() };
}

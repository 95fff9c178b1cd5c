import type { V1Pod } from "@kubernetes/client-node";
import type { Apis } from "../../ops/kubernetes/namespace-api";

/** What keeps the pods of a Job: what their containers wait for, and what Kubernetes warned of. */
export async function whyNotStarted(connect: () => Promise<Apis>, namespace: string, job: string): Promise<string> {
  const { core } = await connect();
  const { items: pods } = await core.listNamespacedPod({ namespace, labelSelector: `job-name=${job}` });
  if (pods.length === 0) return await warnings(core, namespace, job, "no pod was made");
  const events = await Promise.all(pods.map(({ metadata }) => warnings(core, namespace, metadata?.name ?? "", "")));
  return [...pods.flatMap(waiting), ...events].filter((line) => line !== "").join("\n");
}

function waiting({ metadata, status }: V1Pod): readonly string[] {
  const name = metadata?.name ?? "";
  const containers = status?.containerStatuses ?? [];
  return [
    `${name} is ${status?.phase ?? "unknown"}`,
    ...containers.flatMap(({ state }) =>
      state?.waiting === undefined ? [] : [`${state.waiting.reason ?? "waiting"}: ${state.waiting.message ?? ""}`],
    ),
  ];
}

async function warnings(core: Apis["core"], namespace: string, name: string, otherwise: string): Promise<string> {
  const fieldSelector = `involvedObject.name=${name},type=Warning`;
  const { items } = await core.listNamespacedEvent({ namespace, fieldSelector });
  const lines = new Set(items.map(({ reason, message }) => `${reason ?? ""}: ${message ?? ""}`));
  return lines.size === 0 ? otherwise : [...lines].join("\n");
}

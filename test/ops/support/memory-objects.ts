import { randomUUID } from "node:crypto";
import type { Kind, KubernetesObject } from "../../../ops/kubernetes/objects";
import { kinds } from "../../../ops/time-series/kinds";
import type { AdminObjects } from "./admin-objects";
import { problemsOf, problemsOfChange } from "./definitions";
import { second } from "./seconds";
import { refusalOf } from "./cluster-status";

/**
 * What an API server does with objects, without one: it refuses what their definitions and the operator's webhook do not
 * allow, keeps a status that is written apart, gives Services addresses, and takes along what a deleted object owns.
 */
export class MemoryObjects implements AdminObjects {
  private readonly stored = new Map<string, KubernetesObject>();
  private services = 0;

  constructor(private readonly now: () => Date) {}

  find(kind: Kind, name: string): Promise<KubernetesObject | undefined> {
    return Promise.resolve(structuredClone(this.stored.get(keyOf(kind, name))));
  }

  list(
    { apiVersion, kind }: Kind,
    labels: Readonly<Record<string, string>> = {},
  ): Promise<readonly KubernetesObject[]> {
    const found = [...this.stored.values()].filter(
      (one) =>
        one.apiVersion === apiVersion &&
        one.kind === kind &&
        Object.entries(labels).every(([key, value]) => one.metadata.labels?.[key] === value),
    );
    return Promise.resolve(structuredClone(found));
  }

  create(object: KubernetesObject): Promise<void> {
    const key = keyOf(object, object.metadata.name);
    if (this.stored.has(key)) return Promise.resolve();
    const { status: _, ...rest } = structuredClone(object);
    const metadata = { ...rest.metadata, uid: randomUUID(), creationTimestamp: second(this.now()) };
    if (rest.kind !== kinds.service.kind) return this.put({ ...rest, metadata });
    this.services += 1;
    return this.put({
      ...rest,
      metadata,
      spec: { ...(rest["spec"] as object), clusterIP: `172.20.0.${this.services}` },
    });
  }

  merge(kind: Kind, name: string, change: object): Promise<void> {
    const before = this.stored.get(keyOf(kind, name));
    if (before === undefined) return Promise.reject(new Error(`There is no ${kind.kind} ${name}`));
    return this.put({ ...(merged(before, change) as KubernetesObject), status: before["status"] });
  }

  report(kind: Kind, name: string, status: object): Promise<void> {
    const before = this.stored.get(keyOf(kind, name));
    // Gone since it was looked at.
    if (before === undefined) return Promise.resolve();
    return this.put({ ...before, status: merged(before["status"] ?? {}, status) });
  }

  delete(kind: Kind, name: string): Promise<void> {
    const key = keyOf(kind, name);
    const uid = this.stored.get(key)?.metadata["uid"];
    this.stored.delete(key);
    for (const { apiVersion, kind: owned, metadata } of [...this.stored.values()]) {
      const owners = (metadata["ownerReferences"] ?? []) as readonly { readonly uid: string }[];
      if (owners.some((owner) => owner.uid === uid)) void this.delete({ apiVersion, kind: owned }, metadata.name);
    }
    return Promise.resolve();
  }

  /** Kind and name of everything, in order. */
  names(): readonly string[] {
    return [...this.stored.values()].map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
  }

  private put(object: KubernetesObject): Promise<void> {
    const refusal = object.kind === kinds.cluster.kind ? refusalOf(object) : undefined;
    const before = this.stored.get(keyOf(object, object.metadata.name));
    const problems = [
      ...problemsOf(object),
      ...(before === undefined ? [] : problemsOfChange(before, object)),
      ...(refusal === undefined ? [] : [refusal]),
    ];
    if (problems.length > 0) {
      const { kind, metadata } = object;
      return Promise.reject(new Error(`${kind} ${metadata.name} is invalid: ${problems.join("; ")}`));
    }
    this.stored.set(keyOf(object, object.metadata.name), structuredClone(object));
    return Promise.resolve();
  }
}

const keyOf = ({ apiVersion, kind }: Kind | KubernetesObject, name: string) => `${apiVersion} ${kind} ${name}`;

/** RFC 7386. */
function merged(before: unknown, change: unknown): unknown {
  if (typeof change !== "object" || change === null || Array.isArray(change)) return structuredClone(change);
  const fields = typeof before === "object" && before !== null && !Array.isArray(before) ? Object.entries(before) : [];
  const next = new Map<string, unknown>(fields);
  for (const [key, value] of Object.entries(change)) {
    if (value === null) next.delete(key);
    else next.set(key, merged(next.get(key), value));
  }
  return Object.fromEntries(next);
}

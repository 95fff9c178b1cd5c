import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentStacks } from "../../../stacks/environment-stacks";
import { synthesizeProject } from "../../../tools/synthesis";
import { synthesize, testApp } from "../../support/template";
import { withTimescaledb } from "../../support/time-series";

/** An object of Kubernetes that a stack declares; the name may hold what only Terraform knows. */
export interface DeclaredObject {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: RegExp;
}

interface Body {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly values?: readonly string[];
  readonly namespace?: string;
  readonly [argument: string]: unknown;
}

interface Stack {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Body>>>>;
}

/** What every environment's stacks declare, as far as pages name it. */
export interface Declared {
  readonly stacks: readonly string[];
  readonly objects: readonly DeclaredObject[];
  readonly namespaces: ReadonlySet<string>;
  /** `type.id`, the digest of the id as `SUFFIX`. */
  readonly addresses: ReadonlySet<string>;
  /** `key=value` of what pods and nodes are chosen by. */
  readonly labels: ReadonlySet<string>;
  /** Whether a text is somewhere in them, not as a part of another word. */
  readonly mentions: (text: string) => boolean;
}

/** Synthesizes the project as its command does, and production with a TimescaleDB, which pages speak of too. */
export async function declared(): Promise<Declared> {
  const folder = mkdtempSync(join(tmpdir(), "declared-"));
  try {
    const { stacks } = await synthesizeProject(folder);
    const chosen = Object.values(environmentStacks(testApp(), withTimescaledb())).map((stack) =>
      JSON.stringify(synthesize(stack)),
    );
    const written = [...stacks.values(), ...chosen];
    const bodies = written.map((text) => JSON.parse(text) as Stack);
    const all = written.join("\n");
    const resources = bodies.flatMap(({ resource = {} }) =>
      Object.entries(resource).flatMap(([type, ids]) =>
        Object.entries(ids).map(([id, body]) => ({ type, id, body, siblings: resource })),
      ),
    );
    const namespaceOf = (text: string | undefined, siblings: NonNullable<Stack["resource"]>) => {
      const [, id] = /^\$\{kubernetes_namespace_v1\.(\w+)\./.exec(text ?? "") ?? [];
      return id === undefined ? text : siblings["kubernetes_namespace_v1"]?.[id]?.metadata?.["name"];
    };
    const own = resources
      .filter(({ type }) => type.startsWith("kubernetes_"))
      .map(({ type, body, siblings }) => ({
        kind: type
          .replace(/^kubernetes_/, "")
          .replace(/_v\d$/, "")
          .replaceAll("_", ""),
        namespace: namespaceOf(body.metadata?.["namespace"], siblings),
        name: pattern(body.metadata?.["name"] ?? ""),
      }));
    const custom = resources
      .filter(({ type }) => type === "helm_release")
      .flatMap(({ body, siblings }) =>
        customObjects(body).map(({ kind, name }) => ({
          kind: kind.toLowerCase(),
          namespace: namespaceOf(body.namespace, siblings),
          name: pattern(name),
        })),
      );
    const ofCharts = resources
      .filter(({ type }) => type === "helm_release")
      .flatMap(({ body, siblings }) =>
        [...(body.values ?? []).join("\n").matchAll(/^\{"fullnameOverride":"([\w-]+)"/gm)].map(([, name = ""]) => ({
          kind: "service",
          namespace: namespaceOf(body.namespace, siblings),
          // As kube-prometheus-stack names its parts.
          name: new RegExp(`^${name}(?:-(?:prometheus|alertmanager))?$`),
        })),
      );
    const names = resources
      .filter(({ type }) => type === "kubernetes_namespace_v1")
      .map(({ body }) => body.metadata?.["name"] ?? "");
    return {
      stacks: [...stacks.keys()],
      objects: [...own, ...custom, ...ofCharts],
      namespaces: new Set([...names, "kube-system"]),
      addresses: new Set(resources.map(({ type, id }) => `${type}.${id.replace(/_[0-9A-F]{8}$/, "_SUFFIX")}`)),
      labels: new Set(bodies.flatMap(labelsIn)),
      mentions: (text) => new RegExp(`(?<![\\w-])${escaped(text)}(?![\\w-])`).test(all),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Objects that a release of the project's own chart is given: its values are a template, and no JSON, until Terraform has run. */
function customObjects({ values = [] }: Body) {
  return values
    .filter((text) => text.startsWith('{"objects"'))
    .flatMap((text) => [...text.matchAll(/"kind":"(\w+)","metadata":\{"name":"([^"]+)"/g)])
    .map(([, kind = "", name = ""]) => ({ kind, name }));
}

function labelsIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) => [
    ...labelsIn(child),
    ...(/^(?:match_)?labels$/.test(key) && typeof child === "object" && child !== null
      ? Object.entries(child).map(([label, text]) => `${label}=${String(text)}`)
      : []),
  ]);
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
/** A name, with anything in place of what Terraform computes. */
const pattern = (name: string) =>
  new RegExp(
    `^${name
      .split(/\$\{.*\}/)
      .map(escaped)
      .join(".+")}$`,
  );

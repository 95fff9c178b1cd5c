import { existsSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { targetGroupBindingSpec } from "../../constructs/kubernetes/custom-objects/target-group-binding-schema";
import { structuralSchema } from "./structural-schema";
import type { StructuralSchema } from "./structural-schema";

/** A kind of object that a third party's chart defines, and that objects of this project are of. */
interface CustomKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: "Namespaced" | "Cluster";
  /** The package that has its types, or its `spec` where none has. */
  readonly from: PackageName | StructuralSchema;
}

type PackageName = "cert-manager" | "external-secrets" | "prometheus-operator";

const certificates = { group: "cert-manager.io", version: "v1", from: "cert-manager" } as const;
const secrets = { group: "external-secrets.io", version: "v1", from: "external-secrets" } as const;
const monitoring = { group: "monitoring.coreos.com", version: "v1", from: "prometheus-operator" } as const;

const customKinds: readonly CustomKind[] = [
  { ...certificates, kind: "Certificate", plural: "certificates", scope: "Namespaced" },
  { ...certificates, kind: "ClusterIssuer", plural: "clusterissuers", scope: "Cluster" },
  { ...certificates, kind: "Issuer", plural: "issuers", scope: "Namespaced" },
  { ...secrets, kind: "ExternalSecret", plural: "externalsecrets", scope: "Namespaced" },
  { ...secrets, kind: "SecretStore", plural: "secretstores", scope: "Namespaced" },
  { ...monitoring, kind: "PodMonitor", plural: "podmonitors", scope: "Namespaced" },
  { ...monitoring, kind: "PrometheusRule", plural: "prometheusrules", scope: "Namespaced" },
  { ...monitoring, kind: "ServiceMonitor", plural: "servicemonitors", scope: "Namespaced" },
  {
    group: "elbv2.k8s.aws",
    version: "v1beta1",
    kind: "TargetGroupBinding",
    plural: "targetgroupbindings",
    scope: "Namespaced",
    from: targetGroupBindingSpec,
  },
];

/** Where the local chart of definitions has them. */
export const DEFINITIONS_FOLDER = "charts/custom-resource-definitions/templates";

/** The chart's templates by their path: one definition a file, made from the types that the packages export. */
export function definitionFiles(root: string): Readonly<Record<string, string>> {
  const files = customKinds.flatMap(({ from, ...kind }) =>
    typeof from === "string" ? [declarationOf(root, from, kind)] : [],
  );
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length > 0) throw new Error(`${missing.join(", ")} is not there; run npm ci`);
  const program = ts.createProgram(files, { moduleResolution: ts.ModuleResolutionKind.Bundler, strict: true });
  const made = customKinds.map((kind) => [
    `${kind.plural}.${kind.group}`,
    definition(kind, specOf(program, root, kind)),
  ]);
  return filesOf(Object.fromEntries(made) as Record<string, object>);
}

/** Templates of the chart by their path, from definitions by their name. */
export function filesOf(definitions: Readonly<Record<string, object>>): Readonly<Record<string, string>> {
  const files = Object.entries(definitions).map(([name, found]) => [
    `${DEFINITIONS_FOLDER}/${name}.json`,
    `${JSON.stringify(found, null, 1)}\n`,
  ]);
  return Object.fromEntries(files) as Record<string, string>;
}

type Name = Pick<CustomKind, "group" | "version" | "kind">;

const declarationOf = (root: string, from: PackageName, { group, version, kind }: Name) =>
  join(root, "node_modules/@kubernetes-models", from, group, version, `${kind}.d.ts`);

function specOf(program: ts.Program, root: string, { from, ...kind }: CustomKind): StructuralSchema {
  if (typeof from !== "string") return from;
  const path = declarationOf(root, from, kind);
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path);
  const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
  const model = module && checker.getExportsOfModule(module).find(({ name }) => name === `I${kind.kind}`);
  const spec = model && checker.getDeclaredTypeOfSymbol(model).getProperty("spec");
  if (spec === undefined) throw new Error(`${path} exports no I${kind.kind} with a spec`);
  return structuralSchema(checker, checker.getTypeOfSymbol(spec), `${kind.kind}.spec`);
}

function definition({ group, version, kind, plural, scope }: CustomKind, spec: StructuralSchema): object {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: {
              type: "object",
              required: ["spec"],
              properties: {
                apiVersion: { type: "string" },
                kind: { type: "string" },
                metadata: { type: "object" },
                spec,
                status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
              },
            },
          },
        },
      ],
    },
  };
}

import { Release } from "@cdktf/provider-helm/lib/release";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { check } from "../../support/check";

/** A Kubernetes object of a kind that a chart of somebody else defines. */
export interface CustomObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
  /** Compares the object with its definition; kubernetes-models' classes have it. @throws Error that names each field */
  validate?(): void;
  toJSON?(): unknown;
}

export interface CustomObjectsProps {
  readonly releaseName: string;
  readonly namespace: string;
  readonly objects: readonly CustomObject[];
  /** What must be there first: the chart that defines the kinds. */
  readonly after?: readonly ITerraformDependable[];
}

/** The chart, seen from the folder that Terraform runs in. */
const CHART = "../../../charts/custom-objects";

/**
 * Objects of custom kinds, in one release of a local chart: Terraform's own resource would need their definitions, and
 * an API server, at plan time. Every object is compared with its definition at synthesis.
 */
export class CustomObjects extends Construct {
  readonly release: Release;

  constructor(scope: Construct, id: string, props: CustomObjectsProps) {
    super(scope, id);
    check(
      this,
      props.objects.map((object) => {
        const problem = problemOf(object);
        return [problem === undefined, `${object.kind ?? "?"} ${object.metadata?.name ?? "?"}: ${problem ?? ""}`];
      }),
    );
    this.release = new Release(this, "Resource", {
      name: props.releaseName,
      namespace: props.namespace,
      chart: CHART,
      values: [JSON.stringify({ objects: props.objects })],
      atomic: true,
      maxHistory: 5,
      dependsOn: [...(props.after ?? [])],
    });
  }
}

function problemOf(object: CustomObject): string | undefined {
  try {
    withStandIns(object).validate?.();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A value that Terraform only knows at apply, as cdktf writes it until then. */
const UNKNOWN = /\$\{TfToken\[[^\]]+\]\}/g;

/** The object with something plain in the place of each unknown value: patterns are held against what is known. */
function withStandIns(object: CustomObject): CustomObject {
  const known = JSON.parse(JSON.stringify(object).replace(UNKNOWN, "unknown")) as object;
  return Object.assign(Object.create(Object.getPrototypeOf(object) as object) as CustomObject, object, known);
}

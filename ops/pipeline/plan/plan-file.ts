/** The part of `terraform show -json` that is read. Source: developer.hashicorp.com/terraform/internals/json-format */
export interface PlanFile {
  readonly format_version: string;
  readonly terraform_version: string;
  /** Planning ended with an error: what is here may be a part. */
  readonly errored?: boolean;
  readonly resource_changes?: readonly ResourceChange[];
  /** What was changed outside Terraform since its last run. */
  readonly resource_drift?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, ValueChange>>;
}

export interface ResourceChange {
  readonly address: string;
  /** Where it was before, when it moves. */
  readonly previous_address?: string;
  readonly mode: "managed" | "data";
  /** Terraform's type, for example `aws_db_instance`. */
  readonly type: string;
  readonly change: ValueChange;
  /** Why it is replaced or destroyed, for example `replace_because_cannot_update`. */
  readonly action_reason?: string;
}

export interface ValueChange {
  readonly actions: readonly TerraformAction[];
  readonly before: unknown;
  readonly after: unknown;
  /** `true` in place of what is known only after the apply. */
  readonly after_unknown?: unknown;
  /** `true` in place of what is never shown. */
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
  /** What cannot be changed in place. */
  readonly replace_paths?: readonly (readonly (string | number)[])[];
  /** Set where an existing resource comes under Terraform. */
  readonly importing?: object;
}

export type TerraformAction = "no-op" | "create" | "read" | "update" | "delete" | "forget" | "open" | "renew" | "close";

/**
 * Reads what `terraform show -json` wrote.
 *
 * @throws Error for a text that is no plan, or is one of a format that this was not written for
 */
export function parsePlanFile(text: string): PlanFile {
  let plan: Partial<PlanFile> | null;
  try {
    plan = JSON.parse(text) as Partial<PlanFile> | null;
  } catch {
    throw new Error("This is not a plan: it is not JSON; write it with `terraform show -json <plan>`");
  }
  const format = plan?.format_version;
  if (plan === null || format === undefined) {
    throw new Error("This is not a plan: it has no format_version; write it with `terraform show -json <plan>`");
  }
  if (!format.startsWith("1.")) {
    throw new Error(`The plan has format ${format}; 1.x is understood, which Terraform 1.11 to 1.x writes`);
  }
  return plan as PlanFile;
}

import { rules } from "../../policy/rules";

/** A check that checkov failed on one resource. */
export interface Finding {
  readonly check: string;
  readonly title: string;
  readonly stack: string;
  readonly resource: string;
  /** The exception that the resource carries for it. */
  readonly reason?: string;
}

/** The part of checkov's JSON report that counts. */
export interface Report {
  readonly summary: { readonly passed: number; readonly parsing_errors: number };
  readonly results: {
    readonly failed_checks: readonly {
      readonly check_id: string;
      readonly check_name: string;
      /** `/production-data/cdk.tf.json` */
      readonly file_path: string;
      /** `aws_s3_bucket.Name`, or `resource.Name` from checks of a single resource. */
      readonly resource: string;
    }[];
  };
}

interface Stack {
  readonly resource?: Readonly<
    Record<string, Readonly<Record<string, { readonly "//"?: { readonly optOuts?: readonly string[] } }>>>
  >;
}

/** Every failed check, with the reason that its resource gives for an exception, if any. */
export function findings(report: Report, stacks: ReadonlyMap<string, string>): readonly Finding[] {
  return report.results.failed_checks.map(({ check_id: check, check_name: title, file_path, resource }) => {
    const stack = file_path.split("/")[1] ?? "";
    const name = resource.split(".").at(-1) ?? "";
    return { check, title, stack, resource: name, reason: exception(check, optOuts(stacks.get(stack) ?? "{}", name)) };
  });
}

/** What the synthesized resource says of its opt-outs: `setting: reason`. */
function optOuts(stack: string, name: string): readonly string[] {
  const { resource = {} } = JSON.parse(stack) as Stack;
  return Object.values(resource).flatMap((byName) => byName[name]?.["//"]?.optOuts ?? []);
}

/** An opt-out names the check, or the setting that a rule of the same id accepts. */
function exception(check: string, found: readonly string[]): string | undefined {
  const setting = rules.find(({ id }) => id === check)?.optOut;
  const accepted = found.find((optOut) => optOut.startsWith(`${check}: `) || optOut.startsWith(`${String(setting)}: `));
  return accepted?.replace(/^[^:]*: /, "");
}

/** A stack without what checkov's reader of JSON stumbles over: cdktf's notes, and blocks that hold plain values. */
export function scannable(text: string): unknown {
  const { resource, data } = JSON.parse(text, (key, value: unknown) => (key === "//" ? undefined : value)) as Record<
    string,
    unknown
  >;
  return { resource, data };
}

/** What `terraform apply -json` prints, reduced to what the deploy acts on. Source: developer.hashicorp.com/terraform/internals/machine-readable-ui */
export type TerraformEvent =
  | { readonly kind: "planned"; readonly changes: number }
  | { readonly kind: "started"; readonly address: string; readonly action: string }
  | { readonly kind: "finished"; readonly address: string; readonly action: string; readonly succeeded: boolean }
  | { readonly kind: "problem"; readonly problem: Problem }
  | { readonly kind: "outputs"; readonly outputs: Outputs };

/** An error that Terraform reports, with the resource that it happened at. */
export interface Problem {
  readonly summary: string;
  readonly detail: string;
  readonly address: string | undefined;
}

export type Outputs = Readonly<Record<string, { readonly sensitive: boolean; readonly value?: unknown }>>;

/** One line of Terraform's output; undefined when it is of no interest. */
export function parseEvent(line: string): TerraformEvent | undefined {
  const message = parse(line);
  if (message === undefined) return undefined;
  const { hook, changes, diagnostic, outputs } = message;
  const address = hook?.resource?.addr ?? "";
  const action = hook?.action ?? "";
  switch (message.type) {
    case "change_summary":
      return changes?.operation === "plan"
        ? { kind: "planned", changes: changes.add + changes.change + changes.remove }
        : undefined;
    // Data sources are read, which is no change.
    case "apply_start":
      return action === "read" ? undefined : { kind: "started", address, action };
    case "apply_complete":
      return action === "read" ? undefined : { kind: "finished", address, action, succeeded: true };
    case "apply_errored":
      return { kind: "finished", address, action, succeeded: false };
    case "diagnostic":
      return diagnostic?.severity === "error"
        ? {
            kind: "problem",
            problem: {
              summary: diagnostic.summary,
              detail: diagnostic.detail.trim(),
              address: diagnostic.address,
            },
          }
        : undefined;
    case "outputs":
      return outputs === undefined ? undefined : { kind: "outputs", outputs };
    default:
      return undefined;
  }
}

interface Message {
  readonly type: string;
  readonly hook?: { readonly resource?: { readonly addr: string }; readonly action?: string };
  readonly changes?: {
    readonly operation: string;
    readonly add: number;
    readonly change: number;
    readonly remove: number;
  };
  readonly diagnostic?: {
    readonly severity: string;
    readonly summary: string;
    readonly detail: string;
    readonly address?: string;
  };
  readonly outputs?: Outputs;
}

function parse(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message;
  } catch {
    return undefined; // A provider's own log line.
  }
}

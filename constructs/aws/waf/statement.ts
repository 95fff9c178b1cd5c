/**
 * What a web ACL rule looks for. cdktf types a rule's statement as `any` and writes it out as it is given: these types
 * are checked here and turned into Terraform's own spelling by `statementBlock`.
 */
export type Statement =
  | { readonly kind: "rate"; readonly rate: RateLimit }
  | { readonly kind: "managed"; readonly group: ManagedGroup }
  | { readonly kind: "text"; readonly text: TextMatch }
  | { readonly kind: "size"; readonly size: SizeMatch }
  | { readonly kind: "addresses"; readonly setArn: string }
  | { readonly kind: "and" | "or"; readonly statements: readonly [Statement, Statement, ...Statement[]] }
  | { readonly kind: "not"; readonly statement: Statement };

export interface RateLimit {
  /** Requests from one address within the window, at least 10. */
  readonly requests: number;
  readonly windowSeconds: 60 | 120 | 300 | 600;
  /** Counts only what matches. @default every request */
  readonly of?: Exclude<Statement, { kind: "rate" | "managed" }>;
}

export interface ManagedGroup {
  /** Name among the groups of AWS, for example `AWSManagedRulesSQLiRuleSet`. */
  readonly name: string;
  /** Rules of the group that are counted instead of enforced. @default none */
  readonly counted?: readonly string[];
}

export interface TextMatch {
  readonly in: Field;
  readonly text: string;
  readonly position: "EXACTLY" | "STARTS_WITH" | "ENDS_WITH" | "CONTAINS" | "CONTAINS_WORD";
  /** Applied to the field before it is compared, in this order. @default none */
  readonly after?: readonly Transformation[];
}

export interface SizeMatch {
  readonly of: Field;
  readonly is: "EQ" | "NE" | "LE" | "LT" | "GE" | "GT";
  readonly bytes: number;
}

export type Field = "path" | "body" | { readonly header: string };
export type Transformation = "LOWERCASE" | "URL_DECODE" | "NORMALIZE_PATH";

/** A statement as Terraform spells it. */
export type StatementBlock = Readonly<Record<string, unknown>>;

export function statementBlock(statement: Statement): StatementBlock {
  switch (statement.kind) {
    case "rate":
      return { rate_based_statement: rateBlock(statement.rate) };
    case "managed":
      return { managed_rule_group_statement: managedBlock(statement.group) };
    case "text":
      return {
        byte_match_statement: {
          search_string: statement.text.text,
          positional_constraint: statement.text.position,
          field_to_match: fieldBlock(statement.text.in),
          text_transformation: transformations(statement.text.after),
        },
      };
    case "size":
      return {
        size_constraint_statement: {
          comparison_operator: statement.size.is,
          size: statement.size.bytes,
          field_to_match: fieldBlock(statement.size.of),
          text_transformation: transformations(),
        },
      };
    case "addresses":
      return { ip_set_reference_statement: { arn: statement.setArn } };
    case "and":
    case "or":
      return { [`${statement.kind}_statement`]: { statement: statement.statements.map(statementBlock) } };
    case "not":
      return { not_statement: { statement: [statementBlock(statement.statement)] } };
  }
}

function rateBlock({ requests, windowSeconds, of }: RateLimit): StatementBlock {
  return {
    limit: requests,
    aggregate_key_type: "IP",
    evaluation_window_sec: windowSeconds,
    ...(of && { scope_down_statement: statementBlock(of) }),
  };
}

function managedBlock({ name, counted = [] }: ManagedGroup): StatementBlock {
  return {
    vendor_name: "AWS",
    name,
    ...(counted.length > 0 && {
      rule_action_override: counted.map((rule) => ({ name: rule, action_to_use: { count: {} } })),
    }),
  };
}

function fieldBlock(field: Field): StatementBlock {
  if (field === "path") return { uri_path: {} };
  // What lies beyond the bytes that are inspected counts as a match: a body too long to look into is never let through.
  if (field === "body") return { body: { oversize_handling: "MATCH" } };
  return { single_header: { name: field.header.toLowerCase() } };
}

function transformations(types: readonly Transformation[] = []): StatementBlock[] {
  if (types.length === 0) return [{ priority: 0, type: "NONE" }];
  return types.map((type, priority) => ({ priority, type }));
}

import { parser } from "@prometheus-io/lezer-promql";

/** Where a PromQL expression cannot be read: the text at each place. */
export function syntaxErrors(expression: string): readonly string[] {
  const errors: string[] = [];
  parser.parse(expression).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) errors.push(`at ${from}: "${expression.slice(from, Math.max(to, from + 10))}"`);
    },
  });
  return errors;
}

/** The metrics that an expression selects. */
export function metricsIn(expression: string): ReadonlySet<string> {
  const names = new Set<string>();
  parser.parse(expression).iterate({
    enter: ({ name, node }) => {
      const identifier = name === "VectorSelector" ? node.getChild("Identifier") : null;
      if (identifier !== null) names.add(expression.slice(identifier.from, identifier.to));
    },
  });
  return names;
}

/** A variable that names a port. */
export interface PortVariable {
  readonly name: string;
  readonly byDefault: number;
}

/**
 * A port by its variable, or the default where that is not set or empty.
 *
 * @param problems takes what is wrong with the variable, so that one error can name several
 */
export function readPort(
  variables: Readonly<Record<string, string | undefined>>,
  { name, byDefault }: PortVariable,
  problems: string[],
): number {
  const text = variables[name]?.trim() ?? "";
  if (text === "") return byDefault;
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) problems.push(`${name} "${text}" is not a port; use a number from 1 to 65535`);
  return port;
}

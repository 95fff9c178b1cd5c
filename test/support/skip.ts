/**
 * A suite that needs something of this machine.
 *
 * @param missing why it cannot run here; it is then skipped by name, with the reason
 */
export function describeWhere(missing: string | undefined, name: string, suite: () => void): void {
  if (missing === undefined) describe(name, suite);
  else describe.skip(`${name} (skipped: ${missing})`, suite);
}

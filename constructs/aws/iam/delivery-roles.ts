/** Names of the roles that the delivery stack makes and other stacks grant rights to. */
export function deliveryRoles(prefix: string) {
  return {
    /** Applies changes. */
    deploy: `${prefix}-deploy`,
    /** Reads what a plan needs. */
    plan: `${prefix}-plan`,
  } as const;
}

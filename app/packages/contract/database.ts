/**
 * The users that sign in to the database beside its owner. The owner prepares it and is RDS's master user; each of
 * these has its password in a secret of its own.
 */
export const databaseUsers = {
  /** The services: a member of the application's role, which reads and writes rows and owns nothing. */
  application: "bist_services",
  /** Reporting, under the setup guide's name: reads every table, writes none. */
  readonly: "readonly_user",
} as const;

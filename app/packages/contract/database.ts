/**
 * The database roles, each with its password in a secret of its own. The bootstrap creates them with the master
 * user's rights; nothing else ever connects as the master user.
 */
export const databaseRoles = {
  /** The services: reads and writes rows, changes no schema. */
  application: "bist_application",
  /** Owns the schema and migrates it. */
  migrations: "bist_migrations",
  /** Reporting: reads, nothing else. */
  readonly: "readonly_user",
} as const;

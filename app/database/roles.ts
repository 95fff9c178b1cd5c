import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import type { Client, ClientBase } from "pg";
import { otherConnections } from "../packages/contract/database";

/** Role that owns no table and cannot pass row-level security; the services' user is a member of it. */
export const applicationRole = "bist_application";
/** Role for reports, named by the guide: SELECT on every table, present and future. */
export const readonlyRole = "readonly_user";

/**
 * What a report may take. Migrations and maintenance wait for its tables, and so do services behind them: a statement ends
 * before they give up (`withLockRetries`), and a transaction that does nothing holds nothing for long. A session may set
 * its own; whoever needs hours reads a copy (`ops restore`).
 */
export const REPORT_LIMITS = {
  statement_timeout: "5min",
  idle_in_transaction_session_timeout: "1min",
  // It waits for a table no longer than it may read it.
  lock_timeout: "1min",
} as const;

export interface RolesToPrepare {
  readonly database: string;
  /** The services' user. When it is the user that prepares, it owns the tables and is left as it is. */
  readonly application: { readonly username: string; readonly password: string };
  /** Without a password the reporting user exists but cannot sign in. */
  readonly readonlyPassword?: string;
}

/**
 * Makes the roles and their rights, for tables that exist and for those that come. Repeatable; runs inside a transaction.
 * @throws Error where a role may not be changed, with what lets whoever prepares it do so
 */
export async function prepareRoles(tx: Client, { database, application, readonlyPassword }: RolesToPrepare) {
  const name = (identifier: string) => tx.escapeIdentifier(identifier);
  const password = (text: string) => tx.escapeLiteral(scramVerifier(text));
  const { rows } = await tx.query<{ me: string }>("SELECT current_user AS me");
  const me = rows[0]?.me;

  const others = application.username === me ? [] : [application.username];
  await ensureRoles(tx, [applicationRole, readonlyRole, ...others]);
  if (application.username !== me) {
    await tx.query(`ALTER ROLE ${name(application.username)} LOGIN PASSWORD ${password(application.password)}`);
    // The server's work_mem is for reports and jobs: hundreds of the services' connections may use theirs at once.
    await tx.query(`ALTER ROLE ${name(application.username)} SET work_mem = '16MB'`);
    await tx.query(`GRANT ${applicationRole} TO ${name(application.username)}`);
  }
  await tx.query(`ALTER ROLE ${readonlyRole} CONNECTION LIMIT ${otherConnections.reports}`);
  if (readonlyPassword !== undefined)
    await tx.query(`ALTER ROLE ${readonlyRole} LOGIN PASSWORD ${password(readonlyPassword)}`);

  for (const [setting, value] of Object.entries(REPORT_LIMITS)) {
    await tx.query(`ALTER ROLE ${readonlyRole} SET ${setting} = '${value}'`);
  }

  await grantTables(tx);
  for (const [role, onTables] of rightsOnTables) {
    await tx.query(`GRANT CONNECT ON DATABASE ${name(database)} TO ${role}`);
    await tx.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
    await tx.query(`ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ${onTables} ON TABLES TO ${role}`);
  }
  await tx.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${applicationRole}`);
  await tx.query(`ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO ${applicationRole}`);
}

const rightsOnTables = [
  [applicationRole, "SELECT, INSERT, UPDATE, DELETE"],
  [readonlyRole, "SELECT"],
] as const;

/** Gives the roles their rights on the tables that are there. */
export async function grantTables(tx: ClientBase): Promise<void> {
  for (const [role, onTables] of rightsOnTables) {
    await tx.query(`GRANT ${onTables} ON ALL TABLES IN SCHEMA public TO ${role}`);
  }
}

async function ensureRoles(tx: Client, roles: readonly string[]): Promise<void> {
  for (const role of roles) {
    const { rowCount } = await tx.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [role]);
    if (rowCount === 0) await tx.query(`CREATE ROLE ${tx.escapeIdentifier(role)} NOLOGIN`);
  }
  await requireAdministrator(tx, roles);
}

/**
 * Since PostgreSQL 16, who may create roles may change those alone that it administers: it made them, or was told to. An upgrade
 * from before gives it none, and it cannot help itself.
 */
async function requireAdministrator(tx: Client, roles: readonly string[]): Promise<void> {
  const { rows } = await tx.query<{ roles: string | null; me: string }>(
    `SELECT string_agg(quote_ident(rolname), ', ' ORDER BY rolname) AS roles, quote_ident(current_user) AS me FROM pg_roles
     WHERE rolname = ANY ($1) AND current_setting('server_version_num')::int >= 160000
       AND NOT pg_has_role(oid, 'MEMBER WITH ADMIN OPTION')`,
    [roles],
  );
  const [missing] = rows;
  if (missing === undefined || missing.roles === null) return;
  throw new Error(
    `${missing.me} may not change roles that somebody else made; whoever may has to run: ` +
      `GRANT ${missing.roles} TO ${missing.me} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`,
  );
}

const iterations = 4096;

/**
 * What PostgreSQL stores in place of the password (RFC 5802, as in `pg_authid`), so that the password itself is in no
 * statement and no server log, not even with `log_statement = ddl`.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, iterations, 32, "sha256");
  const keyed = (text: string) => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(keyed("Client Key")).digest();
  const base64 = (bytes: Buffer) => bytes.toString("base64");
  return `SCRAM-SHA-256$${iterations}:${base64(salt)}$${base64(storedKey)}:${base64(keyed("Server Key"))}`;
}

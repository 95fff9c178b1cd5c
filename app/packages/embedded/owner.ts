import { Client } from "pg";
import type { EmbeddedServer } from "./postgres";

/** Who prepares and owns the databases of a server. */
export interface Owner {
  readonly username: string;
  readonly password: string;
}

/**
 * Makes the owner with the rights of RDS's master user, who is no superuser: it makes roles and databases, and sees and
 * ends the sessions of all but superusers; row-level security binds it. Repeatable.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.html
 */
export async function prepareOwner(superuser: Client, { username, password }: Owner): Promise<void> {
  // The password is in a statement of this session, which the server's log must not show.
  await superuser.query("SET log_statement = 'none'; SET log_min_duration_statement = -1");
  const role = superuser.escapeIdentifier(username);
  const { rowCount } = await superuser.query("SELECT FROM pg_roles WHERE rolname = $1", [username]);
  if (rowCount === 0) await superuser.query(`CREATE ROLE ${role}`);
  await superuser.query(`ALTER ROLE ${role} LOGIN CREATEROLE CREATEDB PASSWORD ${superuser.escapeLiteral(password)}`);
  await superuser.query(`GRANT pg_monitor, pg_signal_backend TO ${role} WITH ADMIN OPTION`);
}

/** Makes a database that the owner owns; one that is there is handed over to it, with what a superuser made in it. */
export async function prepareOwnedDatabase(server: EmbeddedServer, name: string, owner: Owner): Promise<void> {
  await asSuperuser(server, "postgres", async (superuser) => {
    await prepareOwner(superuser, owner);
    const [database, role] = [name, owner.username].map((text) => superuser.escapeIdentifier(text));
    const { rowCount } = await superuser.query("SELECT FROM pg_database WHERE datname = $1", [name]);
    await superuser.query(
      rowCount === 0 ? `CREATE DATABASE ${database} OWNER ${role}` : `ALTER DATABASE ${database} OWNER TO ${role}`,
    );
  });
  await asSuperuser(server, name, async (superuser) => {
    const { rows } = await superuser.query<{ statement: string }>(othersObjects, [owner.username]);
    for (const { statement } of rows) await superuser.query(statement);
  });
}

/** Statements that give tables, views, sequences and functions to a role. */
const othersObjects = `
  SELECT format('ALTER %s %s OWNER TO %I', kind, name, $1::text) AS statement FROM (
    SELECT oid, relowner AS owner, relnamespace AS namespace, 'TABLE' AS kind, oid::regclass::text AS name
    FROM pg_class c WHERE relkind IN ('r', 'p', 'v', 'm') OR relkind = 'S'
      -- A column's sequence goes with its table.
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype IN ('a', 'i'))
    UNION ALL
    SELECT oid, proowner, pronamespace, 'ROUTINE', oid::regprocedure::text FROM pg_proc) o
  WHERE namespace = 'public'::regnamespace AND owner <> $1::text::regrole
    -- An extension's stay with it.
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = o.oid AND deptype = 'e')`;

async function asSuperuser(
  { host, port, username, password }: EmbeddedServer,
  database: string,
  work: (superuser: Client) => Promise<void>,
): Promise<void> {
  const client = new Client({ host, port, user: username, password, database });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

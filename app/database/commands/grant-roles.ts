import { roles } from "../../packages/contract/authorities";
import type { Role } from "../../packages/contract/authorities";
import { ConfigError, readConfig } from "../../packages/kit/config/read";
import { databaseSection } from "../../packages/kit/config/sections";
import { DatabaseClient } from "../../packages/kit/database/client";
import { connectionOptions } from "../../packages/kit/database/database";

/** `grant-roles <e-mail> <role> ...`: gives a user these roles and no others, and ends the user's sessions. */
async function main([email = "", ...granted]: readonly string[]): Promise<void> {
  const unknown = granted.filter((role) => !roles.includes(role as Role));
  if (unknown.length > 0) throw new Error(`${unknown.join(", ")} is no role; use ${roles.join(", ")}`);
  if (granted.length === 0) throw new Error("usage: grant-roles <e-mail> <role> ...");
  const { database } = readConfig({ database: databaseSection });
  const client = new DatabaseClient(connectionOptions(database, "grant-roles"));
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT set_config('app.user_id', 'system', true)");
    const { rows } = await client.query<{ user_id: string; email: string }>(
      "UPDATE users SET roles = $2, updated_at = now() WHERE email = lower($1) RETURNING user_id, email",
      [email, granted],
    );
    const [user] = rows;
    if (user === undefined) throw new Error(`no user is registered as ${email}`);
    await client.query(
      "UPDATE user_sessions SET ended_at = now(), end_reason = 'TERMINATED' WHERE user_id = $1 AND ended_at IS NULL",
      [user.user_id],
    );
    await client.query("INSERT INTO security_events (user_id, kind) VALUES ($1, 'ROLES_CHANGED')", [user.user_id]);
    await client.query("COMMIT");
    process.stdout.write(`${user.email} has the roles ${granted.join(", ")}\n`);
  } finally {
    await client.end();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const text = error instanceof ConfigError ? error.message : (error as Error).message;
  process.stderr.write(`grant-roles: ${text}\n`);
  process.exitCode = 1;
});

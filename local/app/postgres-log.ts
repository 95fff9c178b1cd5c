import { production } from "../../config/production";

const { logStatement, logMinDurationStatementMs } = production.database.parameters;

/** What PostgreSQL logs on this machine: as production's, who waits for locks, and no values of statements. */
export const postgresLogSettings = {
  log_statement: logStatement,
  log_min_duration_statement: `${logMinDurationStatementMs}ms`,
  log_lock_waits: "on",
  log_parameter_max_length: "0",
  // As RDS has it: time, client, user, database, process.
  log_line_prefix: "%t:%r:%u@%d:[%p]:",
};

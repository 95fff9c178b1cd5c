import { Client, DatabaseError } from "pg";
import type { ClientConfig } from "pg";
import { networkLimits } from "../../contract/network-limits";

const { answerMarginMs, connectMs, goodbyeMs, longStatementLookMs } = networkLimits.database;

/** The server has not answered in time, so that its connection was closed: what it did with the statement is not known. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  readonly code = "ETIMEDOUT";
}

/**
 * A client of `pg` that notices when its server is gone. A statement that outlasts the server's own `statement_timeout`
 * by `answerMarginMs` closes the connection: `pg`'s `query_timeout` would leave it open, with the next statement waiting
 * behind. Without a `statement_timeout` a statement may take hours; another connection then looks whether the server works
 * on it. Behind a proxy that hands out process ids of its own, set a `statement_timeout`.
 */
export class DatabaseClient extends Client {
  private deadline: NodeJS.Timeout | undefined;

  constructor(private readonly options: ClientConfig = {}) {
    // The pool's options hide the password from a copy.
    super({
      ...options,
      password: options.password,
      connectionTimeoutMillis: Math.min(options.connectionTimeoutMillis ?? connectMs, connectMs),
    });
    // Whatever is under way is rejected with the error; a lost connection must not end the process.
    this.on("error", () => undefined);
    this.on("drain", () => {
      this.answered();
    });
    this.on("end", () => {
      this.answered();
    });
    // Statements that wait behind another have their time from when it is their turn.
    this.connection.on("readyForQuery", () => {
      if (this.deadline === undefined) return;
      this.answered();
      this.expectAnswer();
    });
    const query = this.query.bind(this) as (...given: readonly unknown[]) => unknown;
    const limited = (...given: readonly unknown[]) => {
      this.expectAnswer(answerLimitOf(given[0]));
      return query(...given);
    };
    this.query = limited as Client["query"];
  }

  /** Closes the connection at once, without a goodbye. */
  destroy(error: Error): void {
    this.connection.stream.destroy(error);
  }

  override end(callback?: (error: Error) => void): Promise<void> {
    const goodbye = setTimeout(() => {
      this.connection.stream.destroy();
    }, goodbyeMs).unref();
    this.once("end", () => {
      clearTimeout(goodbye);
    });
    if (callback === undefined) return super.end();
    super.end(callback);
    return Promise.resolve();
  }

  private answered(): void {
    clearTimeout(this.deadline);
    this.deadline = undefined;
  }

  private expectAnswer(limitMs = this.limitMs): void {
    if (this.deadline !== undefined) return;
    const startedAt = performance.now();
    const giveUp = () => {
      const seconds = Math.round((performance.now() - startedAt) / 1_000);
      this.destroy(new NoAnswerError(`the database did not answer for ${seconds} s; the connection was closed`));
    };
    const look = async (expired: NodeJS.Timeout | undefined) => {
      const isAtWork = await this.isAtWork();
      if (this.deadline !== expired) return;
      if (isAtWork) lookLater();
      // An answer that is on its way has until then to arrive.
      else this.deadline = setTimeout(giveUp, answerMarginMs).unref();
    };
    const lookLater = () => {
      this.deadline = setTimeout(() => void look(this.deadline), longStatementLookMs).unref();
    };
    if (limitMs === undefined) lookLater();
    else this.deadline = setTimeout(giveUp, limitMs).unref();
  }

  private get limitMs(): number | undefined {
    const { statement_timeout: statementMs = false } = this.options;
    return statementMs === false ? undefined : statementMs + answerMarginMs;
  }

  /** Whether the server works on this connection's statement. */
  private async isAtWork(): Promise<boolean> {
    const { options } = this;
    const other = new DatabaseClient({
      ...options,
      password: options.password,
      statement_timeout: longStatementLookMs,
    });
    try {
      await other.connect();
      const { rowCount } = await other.query(
        "SELECT FROM pg_stat_activity WHERE pid = $1 AND datname = current_database() AND state = 'active'",
        [this.processId],
      );
      return rowCount === 1;
    } catch (error) {
      // A refusal, for want of connections say, is an answer: the server lives.
      return error instanceof DatabaseError;
    } finally {
      await other.end();
    }
  }

  private get processId(): number | null {
    // The types of pg do not name it.
    return (this as unknown as { readonly processID: number | null }).processID;
  }
}

/** A statement may have a limit of its own. */
export interface Limited {
  /** Time after which the connection is closed, in milliseconds. */
  readonly answerLimitMs: number;
}

const answerLimitOf = (query: unknown): number | undefined =>
  typeof query === "object" && query !== null && "answerLimitMs" in query
    ? (query as Limited).answerLimitMs
    : undefined;

import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import type { Bindings, ChildLoggerOptions, LogFn } from "pino";

/**
 * The log of one request, whose lines carry its correlation id. What the id is bound with is made with the first line:
 * most requests write none by it.
 */
class RequestLog implements FastifyBaseLogger {
  private boundLog: FastifyBaseLogger | undefined;

  constructor(
    private readonly parent: FastifyBaseLogger,
    private readonly bindings: Bindings,
    private readonly options: ChildLoggerOptions,
  ) {}

  private get bound(): FastifyBaseLogger {
    return (this.boundLog ??= this.parent.child(this.bindings, this.options));
  }

  get level(): string {
    return this.bound.level;
  }

  set level(level: string) {
    this.bound.level = level;
  }

  child(bindings: Bindings, options?: ChildLoggerOptions): FastifyBaseLogger {
    return this.bound.child(bindings, options);
  }

  fatal(...line: unknown[]): void {
    this.bound.fatal(...(line as Parameters<LogFn>));
  }
  error(...line: unknown[]): void {
    this.bound.error(...(line as Parameters<LogFn>));
  }
  warn(...line: unknown[]): void {
    this.bound.warn(...(line as Parameters<LogFn>));
  }
  info(...line: unknown[]): void {
    this.bound.info(...(line as Parameters<LogFn>));
  }
  debug(...line: unknown[]): void {
    this.bound.debug(...(line as Parameters<LogFn>));
  }
  trace(...line: unknown[]): void {
    this.bound.trace(...(line as Parameters<LogFn>));
  }
  silent(...line: unknown[]): void {
    this.bound.silent(...(line as Parameters<LogFn>));
  }
}

/** Has each request's log made when something is written to it. */
export function logRequestsLazily(app: FastifyInstance): void {
  app.setChildLoggerFactory((parent, bindings, options) => new RequestLog(parent, bindings, options));
}

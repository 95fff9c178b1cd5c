import { networkLimits } from "../../contract/network-limits";
import { backoffMs } from "../backoff";
import type { DatabaseConfig } from "../config/sections";
import type { Logger } from "../observability/logger";
import { DatabaseClient } from "./client";
import { connectionOptions } from "./database";

export interface Subscription {
  /** Called with each payload. */
  readonly notified: (payload: string) => void;
  /** Called after each connection, the first included, once notifications arrive: read here what may have been missed. */
  readonly connected?: () => Promise<void>;
}

const retryTimes = { firstMs: 100, mostMs: 5_000 };
const { listenerPingMs } = networkLimits.database;

/**
 * One connection that listens to PostgreSQL's NOTIFY on any number of channels and comes back when it is lost. Nothing is
 * ever on its way to a server that is gone, so that it is asked for a sign of life from time to time.
 */
export class Listener {
  private readonly subscriptions = new Map<string, Subscription>();
  private client: DatabaseClient | undefined;
  private connecting: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly config: DatabaseConfig,
    private readonly log: Logger,
    private readonly applicationName: string,
  ) {}

  /** Subscribes to a channel. Resolves when it listens; while the database is away it keeps trying behind the scenes. */
  async listen(channel: string, subscription: Subscription): Promise<void> {
    this.subscriptions.set(channel, subscription);
    if (this.client === undefined) await this.connect(0);
    else await this.subscribe(this.client, channel, subscription);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    await this.connecting;
    await this.client?.end().catch(() => undefined);
  }

  private connect(failures: number): Promise<void> {
    this.connecting ??= this.open(failures).finally(() => {
      this.connecting = undefined;
    });
    return this.connecting;
  }

  private async open(failures: number): Promise<void> {
    if (this.closed) return;
    const client = new DatabaseClient({
      ...connectionOptions(this.config, `${this.applicationName} listener`),
      connectionTimeoutMillis: this.config.connectTimeoutMs,
      statement_timeout: listenerPingMs,
    });
    let ping: NodeJS.Timeout | undefined;
    let lost = false;
    const reconnect = () => {
      if (lost) return;
      lost = true;
      clearInterval(ping);
      this.client = undefined;
      if (this.closed) return;
      this.retry = setTimeout(() => void this.connect(failures + 1), backoffMs(retryTimes, failures));
    };
    client.on("error", (error) => {
      this.log.warn({ error: error.message }, "the listening database connection was lost");
      reconnect();
    });
    client.on("end", reconnect);
    client.on("notification", ({ channel, payload }) => this.subscriptions.get(channel)?.notified(payload ?? ""));
    try {
      await client.connect();
      ping = setInterval(() => {
        client.query("SELECT 1").catch(() => undefined);
      }, listenerPingMs).unref();
      for (const [channel, subscription] of this.subscriptions) await this.subscribe(client, channel, subscription);
      this.client = client;
    } catch (error) {
      this.log.warn({ error: (error as Error).message }, "cannot listen to the database yet");
      client.end().catch(() => undefined);
      reconnect();
    }
  }

  private async subscribe(client: DatabaseClient, channel: string, { connected }: Subscription): Promise<void> {
    await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    await connected?.();
  }
}

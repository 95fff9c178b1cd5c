import type { ClientSocket } from "../../../packages/kit/http/client-socket";
import type { Database } from "../../../packages/kit/database/database";
import type { Logger } from "../../../packages/kit/observability/logger";
import { orderUpdate } from "../domain/events";
import { unfinishedStatuses } from "../domain/order";
import { listOrders } from "../store/orders";
import { eventsPublishedSince, findEvents } from "../store/outbox";
import type { StoredEvent } from "../store/outbox";
import type { SnapshotMessage } from "./protocol";

/** A client that lets so many bytes wait is cut off; it comes back to a new snapshot. */
const mostWaitingBytes = 1024 * 1024;
const snapshotOrders = 500;
/** How far back to look after the notifications were away: longer than a replica takes to notice. */
const lookBackMs = 60_000;

interface Client {
  readonly socket: ClientSocket;
  /** Events that came before the snapshot was sent; undefined from then on. */
  held: string[] | undefined;
}

/** Hands published events to the sockets of their user. A client may see an event twice, and knows it by its id. */
export class TradingSockets {
  private readonly clients = new Map<string, Set<Client>>();
  private due = new Set<string>();
  private sending = false;

  constructor(
    readonly database: Database,
    readonly log: Logger,
  ) {}

  /** Sends what is open now, and from then on what happens. */
  connected(socket: ClientSocket): void {
    const { userId } = socket.principal;
    const client: Client = { socket, held: [] };
    const mine = this.clients.get(userId) ?? new Set();
    this.clients.set(userId, mine.add(client));
    socket.onClose(() => {
      mine.delete(client);
      if (mine.size === 0 && this.clients.get(userId) === mine) this.clients.delete(userId);
    });
    this.snapshot(userId, client).catch((error: unknown) => {
      this.log.warn({ error: (error as Error).message }, "snapshot for a socket failed");
      socket.close("restart");
    });
  }

  /** A notification: `<user>:<event>`. */
  notified(payload: string): void {
    const [userId = "", eventId = ""] = payload.split(":");
    if (!this.clients.has(userId)) return;
    this.due.add(eventId);
    if (!this.sending) void this.sendDue();
  }

  /** After notifications were away: sends what may have been missed. */
  async catchUp(): Promise<void> {
    const userIds = [...this.clients.keys()];
    if (userIds.length === 0) return;
    const since = new Date(Date.now() - lookBackMs);
    const events = await this.database.as("system", (tx) => eventsPublishedSince(tx, userIds, since));
    for (const event of events) this.send(event);
  }

  private async snapshot(userId: string, client: Client): Promise<void> {
    const orders = await this.database.as({ userId }, (tx) =>
      listOrders(tx, userId, {
        statuses: unfinishedStatuses,
        symbol: undefined,
        after: undefined,
        limit: snapshotOrders,
      }),
    );
    const snapshot: SnapshotMessage = { type: "SNAPSHOT", data: { orders: orders.map(orderUpdate) } };
    client.socket.send(JSON.stringify(snapshot));
    const held = client.held ?? [];
    client.held = undefined;
    for (const text of held) client.socket.send(text);
  }

  private async sendDue(): Promise<void> {
    this.sending = true;
    while (this.due.size > 0) {
      const due = [...this.due];
      this.due = new Set();
      try {
        const events = await this.database.as("system", (tx) => findEvents(tx, due));
        for (const event of events) this.send(event);
      } catch (error) {
        this.log.warn({ error: (error as Error).message }, "reading outbox events failed; sockets restart");
        for (const clients of this.clients.values()) for (const { socket } of clients) socket.close("restart");
      }
    }
    this.sending = false;
  }

  private send({ eventId, userId, type, payload }: StoredEvent): void {
    const text = JSON.stringify({ type, eventId, data: payload });
    for (const { socket, held } of this.clients.get(userId) ?? []) {
      if (held) held.push(text);
      else if (socket.bufferedBytes > mostWaitingBytes) socket.close("slowConsumer");
      else socket.send(text);
    }
  }
}

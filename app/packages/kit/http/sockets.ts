import { STATUS_CODES } from "node:http";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { metrics as contract } from "../../contract/metrics";
import type { Access } from "../auth/access";
import type { Principal } from "../auth/principal";
import type { HttpConfig } from "../config/sections";
import type { Kit } from "../service";
import { ClientSocket } from "./client-socket";
import type { ClientMessage, Closing } from "./client-socket";
import { withoutPrefix } from "./server";
import { documentSockets } from "./socket-documentation";
import type { AuthenticatedMessage, SocketProtocol } from "./socket-documentation";

/** A WebSocket endpoint. Its clients authenticate before it hears of them. */
export interface SocketEndpoint {
  /** For example `/ws/market-data`; the service's prefix before it is accepted too. */
  readonly path: string;
  readonly access: Exclude<Access, "public">;
  readonly protocol: SocketProtocol;
  /** Called once a client has authenticated. */
  readonly connected: (socket: ClientSocket) => void;
}

/** Largest message that a client may send, in bytes. */
const maxMessageBytes = 16 * 1024;
const authenticationMs = 5_000;
/** How often a client is asked for a sign of life, and its session looked at. */
const heartbeatMs = 10_000;
const closeMs = 2_000;
const socketsPerUser = 20;

/**
 * Serves WebSockets beside the routes of a service. A client authenticates by its Authorization header or by a first
 * message `{"type":"AUTH","token":"..."}`, answered `{"type":"AUTHENTICATED","expiresAt":"..."}`; a later AUTH with a
 * fresh token of the same user extends its stay. It is closed when its token or its session ends, and asked to connect
 * again when the service drains. What is said over them is documented as AsyncAPI.
 */
export function serveSockets(kit: Kit, config: HttpConfig, ...endpoints: readonly SocketEndpoint[]): void {
  documentSockets(kit.app, kit.contract, endpoints);
  const hub = new SocketHub(kit);
  const server = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false });
  kit.app.server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on("error", () => stream.destroy());
    const path = withoutPrefix(request.url ?? "/", kit.contract.pathPrefix).split("?", 1)[0];
    const endpoint = endpoints.find((candidate) => candidate.path === path);
    const { origin } = request.headers;
    if (endpoint === undefined) refuse(stream, 404);
    // Programs send no Origin; pages cannot leave it out.
    else if (origin !== undefined && !config.allowedOrigins.includes(origin)) refuse(stream, 403);
    else if (hub.draining) refuse(stream, 503);
    else
      server.handleUpgrade(request, stream, head, (socket) => {
        void hub.open(endpoint, socket, request.headers.authorization);
      });
  });
  const heartbeat = setInterval(() => {
    hub.checkAll();
  }, heartbeatMs);
  kit.lifecycle.onDrain("web sockets", async () => {
    clearInterval(heartbeat);
    await hub.drain();
  });
}

function refuse(stream: Duplex, status: 403 | 404 | 503): void {
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Every open socket of a service. */
class SocketHub {
  draining = false;
  private readonly sockets = new Set<ClientSocket>();
  private readonly perUser = new Map<string, number>();

  constructor(private readonly kit: Kit) {}

  async open(endpoint: SocketEndpoint, socket: WebSocket, authorization: string | undefined): Promise<void> {
    const labels = { endpoint: endpoint.path };
    const { metrics } = this.kit;
    const sent = metrics.counter(contract.webSocketMessagesSent).labels(labels);
    const client = new ClientSocket(socket, {
      sent: () => {
        sent.inc();
      },
      refused: (reason) => {
        metrics.counter(contract.webSocketRefusals).inc({ ...labels, reason });
      },
    });
    const open = metrics.gauge(contract.webSocketConnections);
    open.inc(labels);
    this.sockets.add(client);
    client.onClose(() => {
      open.dec(labels);
      this.sockets.delete(client);
    });

    const patience = setTimeout(() => {
      client.close("tooSlowToAuthenticate");
    }, authenticationMs);
    client.onClose(() => {
      clearTimeout(patience);
    });
    const authenticate = async (token: unknown) => {
      if (await this.authenticate(endpoint, client, token)) clearTimeout(patience);
    };

    // One after the other: what follows an AUTH waits for its outcome.
    let turn = Promise.resolve();
    socket.on("message", (data, isBinary) => {
      const message = client.read(data, isBinary, this.kit.clock.now());
      if (message === undefined) return;
      turn = turn.then(async () => {
        if (message.type === "AUTH") await authenticate(message["token"]);
        else pass(client, message);
      });
    });
    const token = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
    if (token !== undefined) turn = turn.then(() => authenticate(token));
    await turn;
  }

  /** Cuts off clients that are gone, and those whose session has ended. */
  checkAll(): void {
    for (const client of this.sockets) {
      if (client.authenticated && this.kit.tokens.ended(client.principal)) client.close("notAuthenticated");
      else client.checkLife();
    }
  }

  /** Asks every client to connect again, and waits until they have gone. */
  async drain(): Promise<void> {
    this.draining = true;
    const gone = [...this.sockets].map(
      (client) =>
        new Promise<void>((resolve) => {
          client.onClose(resolve);
          client.close("restart");
        }),
    );
    const cutOff = setTimeout(() => {
      for (const client of this.sockets) client.terminate();
    }, closeMs);
    await Promise.all(gone);
    clearTimeout(cutOff);
  }

  private async authenticate(
    { access, connected }: SocketEndpoint,
    client: ClientSocket,
    token: unknown,
  ): Promise<boolean> {
    const principal = await this.principalOf(token);
    // A client that left meanwhile would never be taken off the counts again.
    if (!client.open) return false;
    const refusal = refusalOf(principal, access, client);
    if (principal === undefined || refusal !== undefined) {
      client.close(refusal ?? "notAuthenticated");
      return false;
    }
    const first = !client.authenticated;
    if (first && !this.admit(client, principal.userId)) {
      client.close("tooMany");
      return false;
    }
    client.accept(principal, this.kit.clock.now());
    const expiresAt = new Date(principal.expiresAt).toISOString();
    client.send(JSON.stringify({ type: "AUTHENTICATED", expiresAt } satisfies AuthenticatedMessage));
    if (first) connected(client);
    return true;
  }

  private async principalOf(token: unknown): Promise<Principal | undefined> {
    if (typeof token !== "string") return undefined;
    try {
      return await this.kit.tokens.principalOf(token);
    } catch {
      return undefined;
    }
  }

  private admit(client: ClientSocket, userId: string): boolean {
    const open = this.perUser.get(userId) ?? 0;
    if (open >= socketsPerUser) return false;
    this.perUser.set(userId, open + 1);
    client.onClose(() => {
      const left = (this.perUser.get(userId) ?? 1) - 1;
      if (left === 0) this.perUser.delete(userId);
      else this.perUser.set(userId, left);
    });
    return true;
  }
}

function refusalOf(
  principal: Principal | undefined,
  access: SocketEndpoint["access"],
  client: ClientSocket,
): Closing | undefined {
  if (principal === undefined) return "notAuthenticated";
  if (client.authenticated && client.principal.userId !== principal.userId) return "notAllowed";
  if (access !== "authenticated" && !principal.authorities.has(access)) return "notAllowed";
  return undefined;
}

/** Hands a message to the endpoint, which only hears of clients that have authenticated. */
function pass(client: ClientSocket, message: ClientMessage): void {
  if (client.authenticated) client.deliver(message);
  else client.close("notAuthenticated");
}

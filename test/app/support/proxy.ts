import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { closeAfterTests } from "./left-over";

export interface TestProxyOptions {
  /** Port on this machine that every tunnel leads to, whatever it asks for. */
  readonly leadsTo: number;
  /** `user:password`; whoever has others is answered 407. */
  readonly credentials?: string;
  /** What it does with a request for a tunnel in place of opening one; it can be changed while it runs. */
  readonly instead?: (client: Duplex) => void;
  /** Waits before a tunnel is opened. */
  readonly before?: () => Promise<void>;
  /** Speaks TLS to its clients. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface TestProxy {
  readonly url: URL;
  /** `host:port` of each tunnel that was asked for. */
  readonly asked: readonly string[];
  /** Requests that were no CONNECT. */
  readonly others: readonly string[];
  /** Tunnels that were opened so far. */
  readonly opened: number;
  /** Tunnels that are open now. */
  readonly open: number;
  /** Cuts every tunnel that is open. */
  cut(): void;
  close(): Promise<void>;
}

/** A forward proxy on this machine that knows nothing but CONNECT. */
export async function startTestProxy(options: TestProxyOptions): Promise<TestProxy> {
  const { leadsTo, credentials, instead, before, tls } = options;
  const asked: string[] = [];
  const others: string[] = [];
  const tunnels = new Set<Duplex>();
  let opened = 0;
  const clients = new Set<Duplex>();
  const expected = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString("base64")}`;

  const server = tls === undefined ? createServer() : createTlsServer(tls);
  server.on(tls === undefined ? "connection" : "secureConnection", (client: Duplex) => {
    clients.add(client);
    client.once("close", () => clients.delete(client)).on("error", () => undefined);
  });
  server.on("request", ({ method = "", url = "" }: IncomingMessage, response) => {
    others.push(`${method} ${url}`);
    response.writeHead(405).end();
  });
  server.on("connect", (request: IncomingMessage, client: Duplex) => {
    asked.push(request.url ?? "");
    if (expected !== undefined && request.headers["proxy-authorization"] !== expected) refuseWith(407)(client);
    else if (instead !== undefined) instead(client);
    else void openTunnel(client);
  });

  async function openTunnel(client: Duplex): Promise<void> {
    await before?.();
    const broker = connect(leadsTo, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      broker.pipe(client).pipe(broker);
    });
    tunnels.add(client);
    opened++;
    for (const [side, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      side.on("error", () => undefined);
      side.once("close", () => {
        other.destroy();
        tunnels.delete(client);
      });
    }
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = () =>
    (closing ??= new Promise((resolve) => {
      for (const client of clients) client.destroy();
      server.close(() => {
        resolve();
      });
    }));
  closeAfterTests(close);
  return {
    url: new URL(`${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`),
    asked,
    others,
    get opened() {
      return opened;
    },
    get open() {
      return tunnels.size;
    },
    cut: () => {
      for (const client of tunnels) client.destroy();
    },
    close,
  };
}

/** Answers a request for a tunnel with a status, as a proxy does that opens none. */
export const refuseWith =
  (status: number) =>
  (client: Duplex): void => {
    client.end(`HTTP/1.1 ${status} No tunnel\r\nProxy-Authenticate: Basic realm="proxy"\r\nContent-Length: 0\r\n\r\n`);
  };

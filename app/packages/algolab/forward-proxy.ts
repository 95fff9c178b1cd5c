import { isIPv6, Socket } from "node:net";
import { Agent, Pool, buildConnector } from "undici";
import type { Dispatcher } from "undici";
import { networkLimits } from "../contract/network-limits";

export interface ForwardProxyOptions {
  /** Scheme (http or https), host and port of the proxy itself; no credentials, no path. */
  readonly url: URL;
  /** `user:password`, sent to the proxy alone. */
  readonly credentials?: string | undefined;
  /** Least time after which a proxy that has not opened a tunnel is given up. @default 10000 */
  readonly timeoutMs?: number;
}

/** The proxy did not open a tunnel: no byte for the broker has left. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  readonly code = "PROXY_TUNNEL";
}

/** HTTP/1.1, as every client of the broker speaks it and as a WebSocket's handshake needs it. */
const connectorOptions = { allowH2: false } as const;

/**
 * Reaches the broker by tunnels (HTTP CONNECT) through a proxy, for plain HTTP too: what a proxy answers is then never
 * taken for the broker's answer. The broker's certificate is checked at this end of the tunnel.
 */
export class ForwardProxy {
  /** Host and port, for messages. */
  readonly address: string;
  /** For calls by `fetch`. */
  readonly dispatcher: Dispatcher;
  private readonly proxy: Pool;
  private readonly authorization: Readonly<Record<string, string>>;
  private readonly secure = buildConnector(connectorOptions);
  private readonly timeoutMs: number;

  constructor({ url, credentials, timeoutMs = networkLimits.broker.proxyMs }: ForwardProxyOptions) {
    this.address = url.host;
    this.timeoutMs = timeoutMs;
    const toProxy = buildConnector({ ...connectorOptions, timeout: timeoutMs });
    this.proxy = new Pool(url.origin, {
      // undici takes the server's name from the Host header, which names the broker: TLS here ends at the proxy.
      connect: (options, callback) => {
        toProxy({ ...options, servername: undefined }, callback);
      },
    });
    this.authorization =
      credentials === undefined
        ? {}
        : { "proxy-authorization": `Basic ${Buffer.from(credentials, "utf8").toString("base64")}` };
    this.dispatcher = new Agent({
      connect: (options, callback) => {
        this.connect(options, callback);
      },
    });
  }

  /** Opens a tunnel, and TLS in it where the broker speaks TLS. The callback's error is a `ProxyError` or that of TLS. */
  connect(options: buildConnector.Options, callback: buildConnector.Callback): void {
    this.tunnel(options).then(
      (socket) => {
        if (options.protocol === "https:") this.secure({ ...options, httpSocket: socket }, callback);
        else callback(null, socket);
      },
      (error: unknown) => {
        callback(error as ProxyError, null);
      },
    );
  }

  private async tunnel({ hostname, port, protocol }: buildConnector.Options): Promise<Socket> {
    const host = isIPv6(hostname) ? `[${hostname}]` : hostname;
    const target = `${host}:${port || (protocol === "https:" ? "443" : "80")}`;
    const signal = AbortSignal.timeout(this.timeoutMs);
    let answer: Dispatcher.ConnectData;
    try {
      const headers = { ...this.authorization, host: target };
      answer = await this.proxy.connect({ path: target, headers, signal });
    } catch (cause) {
      throw new ProxyError(`the proxy ${this.address} cannot be reached: ${(cause as Error).message}`, { cause });
    }
    const { statusCode, socket } = answer;
    if (statusCode >= 200 && statusCode < 300 && socket instanceof Socket) return socket;
    socket.on("error", () => undefined).destroy();
    throw new ProxyError(`the proxy ${this.address} opened no tunnel, it answered ${statusCode}`);
  }
}

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, request as forward } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import type { Duplex } from "node:stream";

export interface WebServerOptions {
  /** Folder of the page's files. */
  readonly folder: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** What answers below a path: its base URL, by path prefix. The path is handed on whole. */
  readonly upstreams: Readonly<Record<string, string>>;
}

export interface WebServer {
  readonly url: string;
  close(): Promise<void>;
}

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};

/** Nothing but the page's own files and the services behind its own origin. */
export const pageHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-cache",
} as const;

/** Serves the page and hands what is below a prefix to its service, as the load balancer does: one origin for all. */
export async function startWebServer({ folder, port, upstreams }: WebServerOptions): Promise<WebServer> {
  const upstreamOf = (path: string) =>
    Object.entries(upstreams).find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`))?.[1];
  const tunnels = new Set<Duplex>();

  const server = createServer((request, response) => {
    const upstream = upstreamOf(pathOf(request));
    if (upstream === undefined) void serveFile(folder, request, response);
    else passOn(upstream, request, response);
  });
  server.on("upgrade", (request, client, head) => {
    tunnels.add(client);
    client.once("close", () => tunnels.delete(client));
    const upstream = upstreamOf(pathOf(request));
    if (upstream === undefined) client.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    else tunnel(upstream, request, client, head);
  });
  await listening(server, port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const client of tunnels) client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const listening = (server: Server, port: number) =>
  new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));

const pathOf = ({ url = "/" }: IncomingMessage) => url.split("?", 1)[0] ?? "/";

async function serveFile(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = pathOf(request) === "/" ? "/index.html" : normalize(pathOf(request));
  const file = join(folder, path);
  const found = await stat(file).catch(() => undefined);
  if ((request.method !== "GET" && request.method !== "HEAD") || !file.startsWith(folder) || !found?.isFile()) {
    response.writeHead(404, { ...pageHeaders, "content-type": contentTypes[".txt"] }).end("not found\n");
    return;
  }
  const type = contentTypes[extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { ...pageHeaders, "content-type": type, "content-length": found.size });
  if (request.method === "HEAD") response.end();
  else createReadStream(file).pipe(response);
}

/** The client's own address, so that limits by address count clients and not this server. */
const forwardedHeaders = (request: IncomingMessage) => ({
  ...request.headers,
  "x-forwarded-for": request.socket.remoteAddress ?? "",
});

function passOn(upstream: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, url = "/" } = request;
  const call = forward(new URL(url, upstream), { method, headers: forwardedHeaders(request) }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  call.once("error", () => {
    if (response.headersSent) response.destroy();
    else answerUnavailable(response, url);
  });
  response.once("close", () => call.destroy());
  request.pipe(call);
}

function answerUnavailable(response: ServerResponse, instance: string): void {
  const detail = "the service does not answer; it may be starting or ending";
  const body = {
    type: "about:blank",
    title: "Bad Gateway",
    status: 502,
    code: "SERVICE_UNAVAILABLE",
    detail,
    instance,
  };
  response.writeHead(502, { "content-type": "application/problem+json" }).end(JSON.stringify(body));
}

/** After the upgrade the two sides speak to each other directly. */
function tunnel(upstream: string, request: IncomingMessage, client: Duplex, head: Buffer): void {
  const { hostname, port } = new URL(upstream);
  const service = connect(Number(port), hostname, () => {
    const headers = Object.entries(forwardedHeaders(request)).map(([name, value]) => `${name}: ${String(value)}`);
    service.write(`${request.method ?? "GET"} ${request.url ?? "/"} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`);
    service.write(head);
    service.pipe(client).pipe(service);
  });
  for (const [side, other] of [
    [service, client],
    [client, service],
  ] as const) {
    side.on("error", () => other.destroy());
    side.once("close", () => other.destroy());
  }
}

import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { metrics } from "../../../app/packages/contract/metrics";
import { actuator } from "../../../app/packages/contract/services";

/** The public API as far as a trader's path touches it, with what went in; it can be made to fail. */
export class FakeApplication {
  readonly requests: { readonly path: string; readonly colour: string | undefined }[] = [];
  /** Path that does not answer as it should. */
  broken: string | undefined;
  /** What it answers instead. */
  brokenStatus = 500;
  /** How late market data, which holds the feed, says that it is, where it does. */
  lagSeconds: number | undefined;
  private registered = false;
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const path = request.url ?? "";
      if (path === actuator.metrics && this.lagSeconds !== undefined) {
        const values = { [metrics.marketFeedHeld.name]: 1, [metrics.marketDataLag.name]: this.lagSeconds };
        response.end(
          Object.entries(values)
            .map(([name, value]) => `${name}{service="market-data"} ${value}\n`)
            .join(""),
        );
        return;
      }
      this.requests.push({ path, colour: request.headers["x-bist-colour"] as string | undefined });
      request.resume().once("end", () => {
        const [status, body] = path === this.broken ? [this.brokenStatus, { code: "BROKEN" }] : this.answer(path);
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(path: string): [number, unknown] {
    switch (path) {
      case "/api/v1/auth/login":
        return this.registered ? [200, { accessToken: "a-token" }] : [401, { code: "BAD_CREDENTIALS" }];
      case "/api/v1/auth/register":
        this.registered = true;
        return [201, { userId: "0" }];
      case "/api/v1/auth/validate":
        return [200, {}];
      case "/api/v1/symbols":
        return [200, [{ symbol: "GARAN" }]];
      case "/api/v1/market-data/quotes":
        return [200, []];
      case "/api/v1/broker/auth/status":
        return [403, { code: "FORBIDDEN" }];
      case "/api/v1/auth/logout":
        return [204, null];
      default:
        return [404, { code: "NOT_FOUND" }];
    }
  }
}

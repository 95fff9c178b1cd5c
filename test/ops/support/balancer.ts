import { Agent, createServer, request } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { colours } from "../../../config/schema/release-state";
import type { Colour, ReleaseState } from "../../../config/schema/release-state";
import { COLOUR_HEADER } from "../../../config/names";
import type { Figures, Traffic } from "../../../ops/aws/traffic";

const FOLLOW_MS = 50;

interface Counted {
  requests: number;
  errors: number;
  readonly latenciesMs: number[];
}

const nothingYet = (): Counted => ({ requests: 0, errors: 0, latenciesMs: [] });

/**
 * What the emulator does not do: it forwards requests to a target of each colour, by weights that are read where the
 * release sets them. Like the load balancer of AWS it tries no request twice.
 */
export class Balancer implements Traffic {
  private weights: ReleaseState["weights"] = { blue: 0, green: 0 };
  private readonly targets: Partial<Record<Colour, URL>> = {};
  private readonly counted: Record<Colour, Counted> = { blue: nothingYet(), green: nothingYet() };
  private readonly agent = new Agent({ keepAlive: true });
  private readonly server: Server = createServer((incoming, outgoing) => {
    this.forward(incoming, outgoing);
  });
  private readonly following: NodeJS.Timeout;

  /** @param weights that the listener's rules have now */
  constructor(weights: () => Promise<readonly ReleaseState["weights"][]>) {
    this.following = setInterval(() => {
      weights().then(
        ([found = this.weights]) => (this.weights = found),
        () => undefined, // The emulator is busy: as before until it answers.
      );
    }, FOLLOW_MS);
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    clearInterval(this.following);
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
  }

  register(colour: Colour, url: string): void {
    this.targets[colour] = new URL(url);
    this.counted[colour] = nothingYet();
  }

  deregister(colour: Colour): void {
    this.targets[colour] = undefined;
  }

  /** Of the colour's present target, since it was registered. */
  since(colour: Colour): Promise<Figures> {
    const { requests, errors, latenciesMs } = this.counted[colour];
    const sorted = latenciesMs.toSorted((one, other) => one - other);
    return Promise.resolve({ requests, errors, latencyMs: sorted[Math.floor(sorted.length * 0.99)] ?? 0 });
  }

  private forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const colour = this.colourFor(incoming);
    const target = this.targets[colour];
    if (target === undefined) {
      outgoing.writeHead(503).end();
      return;
    }
    const beganAt = performance.now();
    const { method, url: path, headers } = incoming;
    const { hostname: host, port } = target;
    const onward = request({ host, port, method, path, headers, agent: this.agent }, (answer) => {
      const status = answer.statusCode ?? 502;
      this.count(colour, status, performance.now() - beganAt);
      outgoing.writeHead(status, answer.headers);
      answer.pipe(outgoing);
    });
    onward.once("error", () => {
      this.count(colour, 502, performance.now() - beganAt);
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.end();
    });
    incoming.pipe(onward);
  }

  private colourFor({ headers }: IncomingMessage): Colour {
    const named = colours.find((colour) => colour === headers[COLOUR_HEADER.toLowerCase()]);
    if (named !== undefined) return named;
    return Math.random() * (this.weights.blue + this.weights.green) < this.weights.blue ? "blue" : "green";
  }

  private count(colour: Colour, status: number, latencyMs: number): void {
    const counted = this.counted[colour];
    counted.requests += 1;
    if (status >= 500) counted.errors += 1;
    counted.latenciesMs.push(latencyMs);
  }
}

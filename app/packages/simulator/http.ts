import type { IncomingMessage, ServerResponse } from "node:http";
import { fieldReader, loginEndpoints, sessionEndpoints } from "./endpoints";
import type { Broker } from "./endpoints";
import { Refusal } from "./exchange";
import type { FaultRule, Faults } from "./faults";
import type { Gate } from "./gate";

const maxBodyBytes = 64 * 1024;

/** Reads a body whole. @throws RangeError when it is too long */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new RangeError(`a body has at most ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}

/** Answers the broker's calls, `POST /api/api/<Endpoint>`. */
export class BrokerApi {
  constructor(
    readonly broker: Broker,
    readonly gate: Gate,
    readonly faults: Faults,
    /** Called after every call that was carried out: endpoint and customer. */
    readonly onCall: (endpoint: string, customer: string) => void,
  ) {}

  async handle(request: IncomingMessage, response: ServerResponse, endpoint: string): Promise<void> {
    const text = await bodyOf(request);
    const turnedAway = this.gate.checkKey(request);
    if (turnedAway) {
      answerJson(response, turnedAway.status, envelope(false, turnedAway.message));
      return;
    }
    const login = loginEndpoints[endpoint];
    const run = login ?? sessionEndpoints[endpoint];
    if (request.method !== "POST" || run === undefined) {
      answerJson(response, 404, envelope(false, `no endpoint ${endpoint}`));
      return;
    }
    let customer = "";
    if (login === undefined) {
      const session = this.gate.checkCall(request, endpoint, text);
      if ("status" in session) {
        answerJson(response, session.status, envelope(false, session.message));
        return;
      }
      customer = session.customer;
    }
    const fault = this.faults.strike(endpoint, customer);
    if (fault?.kind === "drop") {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === "error") {
      answerJson(response, 500, envelope(false, "internal error"));
      return;
    }
    const answer = this.run(() => run(this.broker, { customer, field: fieldReader(parsed(text)) }));
    this.onCall(endpoint, customer);
    reply(request, response, answer, fault);
  }

  private run(call: () => unknown): object {
    try {
      return envelope(true, "", call());
    } catch (error) {
      if (error instanceof Refusal) return envelope(false, error.message);
      throw error;
    }
  }
}

function reply(request: IncomingMessage, response: ServerResponse, answer: object, fault: FaultRule | undefined): void {
  switch (fault?.kind) {
    case "drop-after-accepting":
      request.socket.destroy();
      return;
    case "silence":
      return;
    case "garbage":
      response.end("<html>Bad gateway</html>");
      return;
    case "duplicate":
      answerJson(response, 200, doubled(answer));
      return;
    case "delay":
      setTimeout(() => {
        answerJson(response, 200, answer);
      }, fault.delayMs ?? 1000);
      return;
    default:
      answerJson(response, 200, answer);
  }
}

function doubled(answer: object): object {
  const { content } = answer as { content?: unknown };
  return Array.isArray(content)
    ? { ...answer, content: [...(content as unknown[]), ...(content as unknown[])] }
    : answer;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function envelope(success: boolean, message: string, content: unknown = null): object {
  return { success, message, content };
}

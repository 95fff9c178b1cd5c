import type { IncomingMessage, ServerResponse } from "node:http";
import { envelope, failed, fieldReader, Status } from "./answer";
import type { Answer } from "./answer";
import { loginCustomer, loginEndpoints, sessionEndpoints } from "./endpoints";
import type { Broker } from "./endpoints";
import { Refusal } from "./exchange";
import type { FaultRule, Faults } from "./faults";
import { keyIn, unauthorized } from "./gate";
import type { Gate, TurnedAway } from "./gate";
import type { SimulatedSession } from "./sessions";
import { strangeRows } from "./strange-rows";

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

/** Rows that the side door put into a customer's lists. */
export type ExtraRows = Map<string, Record<string, unknown>[]>;

/** Whom a call is from, once it was let in. */
interface Caller {
  readonly customer: string;
  readonly session: SimulatedSession | undefined;
}

/** Answers the broker's calls, `POST /api/api/<Endpoint>`. */
export class BrokerApi {
  constructor(
    readonly broker: Broker,
    readonly gate: Gate,
    readonly faults: Faults,
    /** By endpoint and customer, see `extraRowsKey`. */
    readonly extraRows: ExtraRows,
    /** Called after every call that was carried out: endpoint and customer. */
    readonly onCall: (endpoint: string, customer: string) => void,
  ) {}

  async handle(request: IncomingMessage, response: ServerResponse, endpoint: string): Promise<void> {
    const text = await bodyOf(request);
    const field = fieldReader(parsed(text));
    const apiKey = keyIn(request);
    const run = loginEndpoints[endpoint] ?? sessionEndpoints[endpoint];
    if (request.method !== "POST" || run === undefined) {
      this.turnAway(response, { status: 404, message: `no endpoint ${endpoint}` });
      return;
    }
    const caller = this.letIn(request, endpoint, text, { apiKey, field });
    if ("status" in caller) {
      this.turnAway(response, caller);
      return;
    }
    const { customer, session } = caller;
    response.once("finish", () => {
      this.gate.answered(customer, session);
    });
    const fault = this.faults.strike(endpoint, customer);
    switch (fault?.kind) {
      case "drop":
        request.socket.destroy();
        return;
      case "error":
        answerJson(response, 500, this.enveloped(failed("internal error")));
        return;
      case "unauthorized":
        this.turnAway(response, unauthorized("not for this call"));
        return;
      default: {
        const isRefused = fault?.kind === "refuse";
        const answer = this.run(() => run(this.broker, { customer, apiKey, field, isRefused }));
        this.onCall(endpoint, customer);
        if ("status" in answer) this.turnAway(response, answer);
        else this.reply(request, response, this.withExtraRows(answer, endpoint, customer, fault), fault);
      }
    }
  }

  private letIn(
    request: IncomingMessage,
    endpoint: string,
    text: string,
    call: { readonly apiKey: string; readonly field: (name: string) => string },
  ): Caller | TurnedAway {
    if (endpoint in loginEndpoints) {
      const customer = loginCustomer(this.broker, endpoint, { ...call, isRefused: false });
      return (
        this.gate.checkKey(request, customer) ??
        this.gate.checkRate(customer, undefined) ?? { customer, session: undefined }
      );
    }
    const session = this.gate.checkCall(request, endpoint, text);
    if ("status" in session) return session;
    return this.gate.checkRate(session.customer, session) ?? { customer: session.customer, session };
  }

  private run(call: () => Answer): Answer | TurnedAway {
    try {
      return call();
    } catch (error) {
      if (error instanceof Refusal) return failed(error.message);
      if (error instanceof Status) return error.turnedAway;
      throw error;
    }
  }

  private withExtraRows(answer: Answer, endpoint: string, customer: string, fault: FaultRule | undefined): Answer {
    const strange =
      fault?.kind === "strange-rows" ? strangeRows(endpoint, this.broker.now(), this.broker.habits()) : {};
    const rows = [...(this.extraRows.get(extraRowsKey(endpoint, customer)) ?? []), ...Object.values(strange)];
    if (rows.length === 0 || !Array.isArray(answer.content)) return answer;
    return { ...answer, content: [...rows, ...(answer.content as unknown[])] };
  }

  private turnAway(response: ServerResponse, { status, message }: TurnedAway): void {
    answerJson(response, status, this.enveloped(failed(message)));
  }

  private enveloped(answer: Answer): object {
    return envelope(answer, this.broker.habits());
  }

  private reply(
    request: IncomingMessage,
    response: ServerResponse,
    answer: Answer,
    fault: FaultRule | undefined,
  ): void {
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
        answerJson(response, 200, this.enveloped(doubled(answer)));
        return;
      case "other-form":
        answerJson(response, 200, this.enveloped({ ...answer, content: Array.isArray(answer.content) ? {} : [] }));
        return;
      case "delay":
        setTimeout(() => {
          answerJson(response, 200, this.enveloped(answer));
        }, fault.delayMs ?? 1000);
        return;
      default:
        answerJson(response, 200, this.enveloped(answer));
    }
  }
}

export function extraRowsKey(endpoint: string, customer: string): string {
  return `${endpoint} ${customer}`;
}

function doubled(answer: Answer): Answer {
  const { content } = answer;
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

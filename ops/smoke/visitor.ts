import { networkLimits } from "../../app/packages/contract/network-limits";
import type { ServiceKey } from "../../app/packages/contract/services";
import type { Environment } from "../../config";
import type { Colour } from "../../config/schema/release-state";
import { COLOUR_HEADER } from "../../config/names";
import { messageOf } from "../core/outcome";

export interface Call {
  readonly service: ServiceKey;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: object;
  readonly token?: string;
  /** Sends it to this colour, live or not. @default by the weights, as any trader's */
  readonly colour?: Colour;
}

export interface Reply {
  readonly status: number;
  /** Undefined where the answer is not JSON. */
  readonly body: unknown;
}

/** Calls the public API as a trader's program does. */
export class Visitor {
  /** @param baseOf address of a service, without a slash at its end */
  constructor(private readonly baseOf: (service: ServiceKey) => string) {}

  /** @throws Error when no answer comes at all */
  async call({ service, method, path, body, token, colour }: Call): Promise<Reply> {
    const url = `${this.baseOf(service)}${path}`;
    const headers = {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(colour === undefined ? {} : { [COLOUR_HEADER]: colour }),
    };
    try {
      const response = await fetch(url, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(networkLimits.services.answerMs),
      });
      return { status: response.status, body: parsed(await response.text()) };
    } catch (error) {
      const cause = (error as { readonly cause?: unknown }).cause ?? error;
      throw new Error(`${method} ${url} got no answer: ${messageOf(cause)}`, { cause: error });
    }
  }
}

/** The services' own hosts: there a rule lets an administrator name a colour. */
export function publicAddress({ edge }: Environment): (service: ServiceKey) => string {
  return (service) => `https://${edge.hosts[service]}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

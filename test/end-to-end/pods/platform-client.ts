import { request } from "node:https";

const PATIENCE_MS = 10_000;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
  /** The host that its certificate has to be for. */
  readonly serverName: string;
  /** The authority that has to have issued it, in PEM. */
  readonly authority: string;
}

/** Asks a service over HTTPS, its certificate checked. @throws Error when there is no answer */
export function ask(
  { host, port, serverName, authority }: ServiceAddress,
  path: string,
  { token, body }: { readonly token?: string; readonly body?: object } = {},
): Promise<Answer> {
  const headers = {
    host: serverName,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ host, port, path, headers, servername: serverName, ca: authority, agent: false },
        method: body === undefined ? "GET" : "POST",
        signal: AbortSignal.timeout(PATIENCE_MS),
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.once("error", reject);
        response.once("end", () => {
          const text = Buffer.concat(parts).toString();
          resolve({ status: response.statusCode ?? 0, body: text === "" ? undefined : JSON.parse(text) });
        });
      },
    );
    sent.once("error", reject);
    sent.end(body && JSON.stringify(body));
  });
}

import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

/** A program of the bench that runs as a process of its own and carries out orders. */
export class Program {
  /** @param url scheme, host and port, without a final slash */
  constructor(readonly url: string) {}

  /** Has an order carried out. @throws Error with what the program says went wrong */
  async tell<Answer>(order: string, body: object = {}): Promise<Answer> {
    // Not by fetch, which gives up on what takes longer than five minutes.
    const response = await new Promise<IncomingMessage>((answered, failed) => {
      request(`${this.url}/${order}`, { method: "POST" }, answered).once("error", failed).end(JSON.stringify(body));
    });
    const said = await text(response);
    if (response.statusCode !== 200) throw new Error(`"${order}" was not carried out: ${said}`);
    return JSON.parse(said) as Answer;
  }
}

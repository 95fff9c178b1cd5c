import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { closeAfterTests } from "./left-over";

/** What is answered in the broker's place: a body, text that is sent as it is, or either once it is there. */
type Scripted = object | string | (() => Promise<object | string>);

/** Stands before a broker and answers chosen endpoints itself; everything else passes. */
export class ScriptedAnswers {
  /** What was asked of each endpoint that is scripted, oldest first. */
  readonly asked: { readonly endpoint: string; readonly body: unknown }[] = [];
  private readonly scripted = new Map<string, Scripted>();
  private readonly server = createServer((request, response) => {
    void this.handle(request).then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    });
  });

  private constructor(private readonly broker: string) {}

  static async before(broker: string): Promise<ScriptedAnswers> {
    const answers = new ScriptedAnswers(broker);
    await new Promise<void>((resolve) => answers.server.listen(0, "127.0.0.1", resolve));
    closeAfterTests(async () => {
      answers.server.closeAllConnections();
      await new Promise((resolve) => answers.server.close(resolve));
    });
    return answers;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** @param answer undefined lets the broker answer again */
  answer(endpoint: string, answer: Scripted | undefined): void {
    if (answer === undefined) this.scripted.delete(endpoint);
    else this.scripted.set(endpoint, answer);
  }

  private async handle(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sent = Buffer.concat(chunks).toString();
    const endpoint = request.url?.split("/").at(-1) ?? "";
    const scripted = this.scripted.get(endpoint);
    if (scripted !== undefined) {
      this.asked.push({ endpoint, body: JSON.parse(sent) as unknown });
      const answer = typeof scripted === "function" ? await (scripted as () => Promise<object | string>)() : scripted;
      return { status: 200, body: typeof answer === "string" ? answer : JSON.stringify(answer) };
    }
    // The broker's socket is not scripted.
    if (request.method !== "POST") return { status: 404, body: "{}" };
    const headers = Object.entries(request.headers).flatMap(([name, value]) =>
      ["host", "connection", "content-length", "transfer-encoding"].includes(name)
        ? []
        : [[name, String(value)] as const],
    );
    const answer = await fetch(`${this.broker}${request.url ?? ""}`, {
      method: "POST",
      headers: Object.fromEntries(headers),
      body: sent,
    });
    return { status: answer.status, body: await answer.text() };
  }
}

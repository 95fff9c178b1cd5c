import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";

/** The commands of a program by path, from the JSON body to the JSON answer. */
export type Commands = Readonly<Record<string, (body: never) => Promise<unknown>>>;

/** Listens on 127.0.0.1 for commands from the bench, says where, and ends on SIGTERM. */
export function listenForCommands(commands: Commands): Server {
  const server = createServer((request, response) => {
    const command = commands[(request.url ?? "").slice(1)];
    bodyOf(request)
      .then((body) => {
        if (command === undefined) throw new Error(`there is no command ${String(request.url)}`);
        return command(body as never);
      })
      .then(
        (answer) => response.end(JSON.stringify(answer ?? {})),
        (error: unknown) => response.writeHead(500).end(JSON.stringify({ error: String(error) })),
      );
  });
  server.listen(0, "127.0.0.1", () => {
    process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
  });
  process.once("SIGTERM", () => process.exit(0));
  return server;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
}

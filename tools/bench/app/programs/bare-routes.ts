/** What an HTTP answer costs at least: bare fastify with the texts that the service answers, taken from it once. */
import type { AddressInfo } from "node:net";
import fastify from "fastify";

async function main(): Promise<void> {
  const { QUOTES_URL: many = "", QUOTE_URL: one = "", ACCESS_TOKEN: token = "" } = process.env;
  const app = fastify();
  for (const [path, url] of [
    ["/quotes", many],
    ["/quote", one],
  ] as const) {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    const text = await response.text();
    if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
    app.get(path, (_request, reply) => reply.type("application/json; charset=utf-8").send(text));
  }
  await app.listen({ host: "127.0.0.1", port: 0 });
  process.once("SIGTERM", () => process.exit(0));
  process.stdout.write(`listening on http://127.0.0.1:${(app.server.address() as AddressInfo).port}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});

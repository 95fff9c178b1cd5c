/** What an answer that says "it is durable" costs at least: bare fastify that commits one row a call. */
import type { AddressInfo } from "node:net";
import { randomUUID } from "node:crypto";
import fastify from "fastify";
import { Pool } from "pg";
import { readConfig } from "../../../../app/packages/kit/config/read";
import { databaseSection } from "../../../../app/packages/kit/config/sections";
import { connectionOptions } from "../../../../app/packages/kit/database/database";

const pool = new Pool({ ...connectionOptions(readConfig({ database: databaseSection }).database, "bench"), max: 20 });
const app = fastify();
app.post("/rows", async (request, reply) => {
  await pool.query("INSERT INTO bench_rows VALUES ($1, $2)", [randomUUID(), JSON.stringify(request.body)]);
  return reply.code(202).send(request.body);
});
void app.listen({ host: "127.0.0.1", port: 0 }).then(() => {
  process.stdout.write(`listening on http://127.0.0.1:${(app.server.address() as AddressInfo).port}\n`);
});
process.once("SIGTERM", () => process.exit(0));

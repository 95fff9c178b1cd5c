import { randomBytes } from "node:crypto";
import { serveTestKeys, ServiceProcess } from "../faults/support/service-process";
import { anyOrder, eventually, logIn, placing, startTestSimulator } from "../support/broker";
import { closeAfterTests } from "../support/left-over";
import { createTestDatabase } from "../support/postgres";
import { builtApp } from "../support/process";
import { request } from "../support/service";
import type { CallOptions } from "../support/service";
import { attribute, startTraceCollector } from "../support/trace-collector";
import type { CollectedSpan } from "../support/trace-collector";

const [server, consumer] = [2, 5];
const patienceMs = 60_000;

test("an order is one trace, from the caller's over HTTP and SQL to the account worker that sends it later", async () => {
  const collector = await startTraceCollector();
  const simulator = await startTestSimulator();
  const database = await createTestDatabase();
  const keys = await serveTestKeys();
  closeAfterTests(() => new Promise((closed) => keys.server.close(closed)));
  const service = ServiceProcess.start({
    bundle: `${builtApp()}/broker-integration.js`,
    database,
    brokerUrl: simulator.url,
    keysUrl: keys.url,
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_SERVICE_NAME: "broker-integration",
      OTEL_BSP_SCHEDULE_DELAY: "100",
    },
  });
  closeAfterTests(() => service.kill());
  const url = await service.url;
  const call = (method: string, path: string, options?: CallOptions) => request(url, method, path, options);
  const trader = await logIn({ call }, (customer) => simulator.smsCode(customer));

  const traceId = randomBytes(16).toString("hex");
  const caller = randomBytes(8).toString("hex");
  const order = placing(trader, { ...anyOrder, type: "MARKET" });
  const { status } = await call("POST", "/api/v1/orders", {
    ...order,
    headers: { ...order.headers, traceparent: `00-${traceId}-${caller}-01` },
  });
  expect(status).toBe(202);

  const ofTrace = () => collector.spans.filter((span) => span.traceId === traceId);
  const spans = await eventually(ofTrace, (found) => found.some(isSqlOf(found, "submit order")), patienceMs);
  const http = spans.find(({ kind }) => kind === server);
  const submit = spans.find(({ name }) => name === "submit order");
  expect(http).toMatchObject({ parentSpanId: caller, service: "broker-integration" });
  expect(submit).toMatchObject({ kind: consumer, service: "broker-integration" });
  // The work of the account worker hangs below the request that asked for it, by way of the order's row.
  expect(ancestors(spans, submit)).toContain(http?.spanId);
  const insert = spans.find((span) => statementOf(span)?.startsWith("INSERT INTO orders"));
  expect(ancestors(spans, insert)).toContain(http?.spanId);
  // Statements, never their values.
  expect(JSON.stringify(spans)).not.toContain(trader.customer);

  await service.kill("SIGTERM");
});

const statementOf = (span: CollectedSpan) => attribute(span, "db.statement") ?? attribute(span, "db.query.text");

/** Spans that an SQL statement was sent for by a span of this name. */
const isSqlOf = (all: readonly CollectedSpan[], name: string) => (span: CollectedSpan) =>
  statementOf(span) !== undefined &&
  ancestors(all, span).some((id) => all.some((other) => other.spanId === id && other.name === name)) &&
  all.some(({ kind }) => kind === server);

function ancestors(all: readonly CollectedSpan[], span: CollectedSpan | undefined): string[] {
  const found: string[] = [];
  for (let id = span?.parentSpanId; id !== undefined; id = all.find(({ spanId }) => spanId === id)?.parentSpanId) {
    found.push(id);
  }
  return found;
}

import { FastifyOtelInstrumentation } from "@fastify/otel";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { PgInstrumentation } from "@opentelemetry/instrumentation-pg";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { actuator } from "../../contract/services";

/** Starts tracing HTTP and SQL. Exporter, service name and sampling come from OpenTelemetry's own variables. */
const sdk = new NodeSDK({
  traceExporter: new OTLPTraceExporter(),
  // Prometheus scrapes the metrics, and the cluster collects the logs: neither is sent from here.
  metricReaders: [],
  logRecordProcessors: [],
  instrumentations: [
    new HttpInstrumentation({ ignoreIncomingRequestHook: ({ url }) => url?.startsWith(actuator.prefix) ?? false }),
    new FastifyOtelInstrumentation({ registerOnInitialization: true }),
    // Statements only, never their values.
    new PgInstrumentation({ enhancedDatabaseReporting: false, requireParentSpan: true }),
  ],
});
sdk.start();

/** Sends what is still held. */
export const shutdown = (): Promise<void> => sdk.shutdown();

import type * as TracingSdk from "./tracing-sdk";

/**
 * Traces HTTP and SQL, and follows W3C trace context, when OTEL_EXPORTER_OTLP_ENDPOINT says where to send them
 * (OTEL_SERVICE_NAME names the service). Imported first, before anything that it instruments.
 */
const endpoint = process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "";

// eslint-disable-next-line @typescript-eslint/no-require-imports -- at once, and only when asked for: it takes half a second
const sdk = endpoint === "" ? undefined : (require("./tracing-sdk") as typeof TracingSdk);

/** Sends the traces that are still held; part of a service's end. */
export const flushTraces = async (): Promise<void> => {
  await sdk?.shutdown();
};

import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

const tracer = trace.getTracer("bist-trading");

/** What runs now, as a W3C traceparent to be stored with work for later; undefined where nothing is traced. */
export function currentTraceparent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

/** Does stored work as a part of the trace in which it was asked for, however long ago and by whichever process. */
export function inTraceOf<T>(traceparent: string | undefined, name: string, work: () => Promise<T>): Promise<T> {
  if (traceparent === undefined) return work();
  const parent = propagation.extract(context.active(), { traceparent });
  return tracer.startActiveSpan(name, { kind: SpanKind.CONSUMER }, parent, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.recordException(error as Error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
      throw error;
    } finally {
      span.end();
    }
  });
}

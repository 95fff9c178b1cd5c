import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { closeAfterTests } from "./left-over";

/** A span as OTLP carries it in JSON: as much of it as tests look at. */
export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** 2 server, 3 client, 5 consumer. */
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  /** `service.name` of who sent it. */
  readonly service: string | undefined;
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: CollectedSpan["attributes"] };
    readonly scopeSpans: readonly { readonly spans: readonly CollectedSpan[] }[];
  }[];
}

/** Takes what services export by OTLP over HTTP, as the collector of a cluster does. */
export async function startTraceCollector(): Promise<{ readonly url: string; readonly spans: CollectedSpan[] }> {
  const spans: CollectedSpan[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      if (request.url === "/v1/traces") spans.push(...spansOf(JSON.parse(text) as Export));
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  closeAfterTests(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans };
}

/** The value of an attribute that is text. */
export const attribute = ({ attributes }: Pick<CollectedSpan, "attributes">, name: string): string | undefined =>
  attributes.find(({ key }) => key === name)?.value.stringValue;

const spansOf = ({ resourceSpans }: Export) =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) =>
      scope.spans.map((span) => ({ ...span, service: attribute(resource, "service.name") })),
    ),
  );

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

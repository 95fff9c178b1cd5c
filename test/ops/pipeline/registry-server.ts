import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** As much of a registry of images as a copy needs. Source: github.com/opencontainers/distribution-spec */
export class RegistryServer {
  /** Manifests by tag and by digest. */
  readonly manifests = new Map<string, { readonly type: string; readonly content: Buffer }>();
  private readonly blobs = new Map<string, Buffer>();
  private readonly server = createServer((request, response) => {
    void this.answer(request, response);
  });

  /** @returns its host and port */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) =>
      this.server.close(() => {
        resolve();
      }),
    );
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://registry");
    const content = await contentOf(request);
    const end = (status: number, headers: Record<string, string | number> = {}, body?: Buffer) => {
      response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : body);
    };
    const [, reference] = /\/manifests\/(.+)$/.exec(url.pathname) ?? [];
    const [, blob] = /\/blobs\/(sha256:.+)$/.exec(url.pathname) ?? [];
    if (reference !== undefined && request.method === "PUT") {
      const manifest = { type: request.headers["content-type"] ?? "", content };
      this.manifests.set(reference, manifest).set(digestOf(content), manifest);
      end(201, { "docker-content-digest": digestOf(content) });
    } else if (reference !== undefined) {
      const found = this.manifests.get(reference);
      if (found === undefined) end(404, { "content-type": "application/json" }, UNKNOWN);
      else end(200, described(found.content, found.type), found.content);
    } else if (blob !== undefined) {
      const found = this.blobs.get(blob);
      if (found === undefined) end(404);
      else end(200, described(found, "application/octet-stream"), found);
    } else if (url.pathname.includes("/blobs/uploads/")) {
      // An upload is one PATCH with all of it, and a PUT that names it.
      const upload = `${url.pathname}u`;
      if (content.length > 0) this.blobs.set("last", content);
      const digest = url.searchParams.get("digest");
      if (digest !== null) this.blobs.set(digest, this.blobs.get("last") ?? content);
      end(digest === null ? 202 : 201, { location: upload, range: `0-${content.length}` });
    } else {
      end(200);
    }
  }
}

const UNKNOWN = Buffer.from(JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] }));

export function digestOf(content: Buffer | string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

const described = (content: Buffer, type: string) => ({
  "content-type": type,
  "content-length": content.length,
  "docker-content-digest": digestOf(content),
});

async function contentOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

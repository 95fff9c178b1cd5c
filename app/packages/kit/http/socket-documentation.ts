import { createHash } from "node:crypto";
import { Type } from "typebox";
import type { Static, TSchema } from "typebox";
import type { ServiceContract } from "../../contract/services";
import { closing } from "./client-socket";
import { Instant } from "./schema";
import type { App } from "./server";

/** What is said over a WebSocket: schemas of messages by their `type`. Each schema's description says what it is for. */
export interface SocketProtocol {
  readonly title: string;
  readonly description: string;
  /** Messages that clients send, beside AUTH. */
  readonly receives: Readonly<Record<string, TSchema>>;
  /** Messages that the service sends, beside AUTHENTICATED. */
  readonly sends: Readonly<Record<string, TSchema>>;
}

/** A WebSocket endpoint as the document knows it. */
export interface DescribedSocket {
  readonly path: string;
  readonly access: string;
  readonly protocol: SocketProtocol;
}

export const AuthMessage = Type.Object(
  { type: Type.Literal("AUTH"), token: Type.String({ description: "An access token" }) },
  {
    description:
      "Authenticates: the first message where no Authorization header came, and later with a fresh token of the same user to stay longer",
  },
);
export const AuthenticatedMessage = Type.Object(
  { type: Type.Literal("AUTHENTICATED"), expiresAt: Instant({ description: "The token's end, and the socket's" }) },
  { description: "Answers each AUTH" },
);
export type AuthenticatedMessage = Static<typeof AuthenticatedMessage>;

export const socketDocumentPath = "/asyncapi.json";
export const socketPagePath = "/docs/websocket";

/** An AsyncAPI 3 document of the service's WebSockets, seen from the service: it receives what clients send. */
export function socketDocument(contract: ServiceContract, sockets: readonly DescribedSocket[]) {
  const described = sockets.map(({ path, access, protocol }) => ({
    name: path.replace(/^\/ws\//, ""),
    path,
    access,
    protocol,
    receives: { AUTH: AuthMessage, ...protocol.receives },
    sends: { AUTHENTICATED: AuthenticatedMessage, ...protocol.sends },
  }));
  return {
    asyncapi: "3.0.0",
    info: {
      title: `BIST trading platform: ${contract.name}, WebSockets`,
      version: "1",
      description:
        "Messages are JSON objects in text frames, told apart by `type`. New types and new members may be added: a client passes over what it does not know.",
    },
    defaultContentType: "application/json",
    channels: Object.fromEntries(
      described.map(({ name, path, protocol, receives, sends }) => [
        name,
        {
          address: path,
          title: protocol.title,
          description: protocol.description,
          messages: messagesOf({ ...receives, ...sends }),
          bindings: { ws: { method: "GET", bindingVersion: "0.1.0" } },
          "x-close-codes": Object.values(closing),
        },
      ]),
    ),
    operations: Object.fromEntries(
      described.flatMap(({ name, access, receives, sends }) => [
        [`${name}.receive`, operation("receive", name, access, Object.keys(receives))],
        [`${name}.send`, operation("send", name, access, Object.keys(sends))],
      ]),
    ),
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
  };
}
export type SocketDocument = ReturnType<typeof socketDocument>;

const messagesOf = (schemas: Readonly<Record<string, TSchema>>) =>
  Object.fromEntries(
    Object.entries(schemas).map(([name, payload]) => {
      const { description } = payload as TSchema & { readonly description?: string };
      return [name, { name, ...(description === undefined ? {} : { summary: description }), payload }];
    }),
  );

const operation = (action: "receive" | "send", channel: string, access: string, messages: readonly string[]) => ({
  action,
  channel: { $ref: `#/channels/${channel}` },
  summary: action === "receive" ? "What clients send" : "What the service sends",
  description: `Needs the authority ${access}.`,
  security: [{ $ref: "#/components/securitySchemes/bearer" }],
  messages: messages.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` })),
});

/** Serves the document beside the OpenAPI one, and a page to read it. */
export function documentSockets(app: App, contract: ServiceContract, sockets: readonly DescribedSocket[]): void {
  const document = socketDocument(contract, sockets);
  const page = pageOf(document);
  const open = { config: { access: "public" }, schema: { hide: true } } as const;
  app.get(socketDocumentPath, open, () => document);
  app.get(socketPagePath, open, (_request, reply) =>
    reply
      .header("content-security-policy", `default-src 'none';style-src 'sha256-${styleHash}';frame-ancestors 'none'`)
      .type("text/html; charset=utf-8")
      .send(page),
  );
}

const style = `body{font-family:system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;line-height:1.5}
pre{background:#f2f4f7;padding:.75rem;overflow:auto}`;
const styleHash = createHash("sha256").update(style).digest("base64");

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => escapes[character] ?? "");

function pageOf({ info, channels, operations }: SocketDocument): string {
  const sections = Object.entries(channels).map(([name, channel]) => {
    const directions = Object.values(operations)
      .filter(({ channel: { $ref } }) => $ref === `#/channels/${name}`)
      .map(({ summary, description, messages }) => {
        const shown = messages.map(({ $ref }) => {
          const message = channel.messages[$ref.split("/").at(-1) ?? ""];
          const schema = escaped(JSON.stringify(message?.payload, null, 2));
          return `<h4>${escaped(message?.name ?? "")}</h4><p>${escaped(message?.summary ?? "")}</p><pre>${schema}</pre>`;
        });
        return `<h3>${escaped(summary)}</h3><p>${escaped(description)}</p>${shown.join("")}`;
      });
    const codes = channel["x-close-codes"].map(({ code, reason }) => `<li>${code}: ${escaped(reason)}</li>`).join("");
    return `<h2>${escaped(channel.title)}: <code>${escaped(channel.address)}</code></h2>
<p>${escaped(channel.description)}</p>${directions.join("")}<h3>Close codes</h3><ul>${codes}</ul>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(info.title)}</title><style>${style}</style></head>
<body><h1>${escaped(info.title)}</h1><p>${escaped(info.description)}</p>
<p><a href="../asyncapi.json">AsyncAPI document</a>, <a href="../docs/">OpenAPI</a></p>${sections.join("")}</body></html>`;
}

import type { JSONWebKeySet } from "jose";
import { Type } from "typebox";
import type { Kit } from "../../../packages/kit/service";

/** The public keys that check the tokens that are issued here (RFC 7517). */
export function keyRoutes({ app }: Kit, published: JSONWebKeySet): void {
  app.get(
    "/.well-known/jwks.json",
    {
      config: { access: "public", answerHeaders: { "Cache-Control": "How long the keys may be kept" } },
      schema: {
        tags: ["keys"],
        summary: "Public keys of the issuer",
        response: { 200: Type.Object({ keys: Type.Array(Type.Object({}, { additionalProperties: true })) }) },
      },
    },
    (_request, reply) => {
      reply.header("cache-control", "public, max-age=300");
      return published;
    },
  );
}

import { Type } from "typebox";
import type { Kit } from "../../../packages/kit/service";
import { keySet } from "../tokens/access-tokens";
import type { SigningKey } from "../tokens/signing-keys";

/** The public keys with which anybody checks the tokens that are issued here (RFC 7517). */
export function keyRoutes({ app }: Kit, keys: readonly SigningKey[]): void {
  const published = keySet(keys);
  app.get(
    "/.well-known/jwks.json",
    {
      config: { access: "public" },
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

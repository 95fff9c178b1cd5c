import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifySchema } from "fastify";
import type { TProperties } from "typebox";
import type { ServiceContract } from "../../contract/services";
import { ProblemSchema } from "./schema";
import type { App } from "./server";

/** What every route answers when it does not answer what was asked for. */
const refused = {
  description: "What is wrong (RFC 9457)",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};
const { $id: _id, ...problemDocument } = ProblemSchema as typeof ProblemSchema & { $id: string };
const answered = { 200: { description: "Done" } };

/** OpenAPI at /openapi.json and a page to read it at /docs. Registered before the routes that it describes. */
export async function documentRoutes(app: App, contract: ServiceContract): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: `BIST trading platform: ${contract.name}`, version: "1" },
      servers: [{ url: "/", description: "the service itself" }],
      components: {
        schemas: { Problem: problemDocument },
        securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      },
    },
    transform: ({ schema, url, route }) => {
      // A route may have none.
      const described: FastifySchema = { ...schema };
      const open = route.config?.access === "public" || route.config?.access === undefined;
      return {
        url,
        schema: {
          ...described,
          ...(described.querystring === undefined ? {} : { querystring: asGiven(described.querystring as Parameters) }),
          ...(open ? {} : { security: [{ bearer: [] }] }),
          response: { ...(described.response ?? answered), default: refused },
        },
      };
    },
  });
  await app.register(async (scope) => {
    // Nothing here is a secret, and the page's own files cannot say who may read them.
    scope.addHook("onRoute", (route) => {
      route.config = { ...route.config, access: "public" };
    });
    await scope.register(swaggerUi, { routePrefix: "/docs", staticCSP: true });
    scope.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
  });
}

/** An object's schema; typebox leaves `required` out where nothing is. */
interface Parameters {
  readonly properties: TProperties;
  readonly required?: readonly string[];
}

/** Parameters as a caller gives them: one with a default may be left out, though a route always finds it. */
function asGiven(parameters: Parameters): object {
  const { properties, required = [] } = parameters;
  const hasDefault = (name: string) => "default" in (properties[name] ?? {});
  return { ...parameters, required: required.filter((name) => !hasDefault(name)) };
}

import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifySchema } from "fastify";
import type { TProperties } from "typebox";
import type { ServiceContract } from "../../contract/services";
import { answerHeadersOf, problemComponents, problemsOf } from "./described-problems";
import type { DescribedRoute } from "./described-problems";
import type { App } from "./server";
import { socketDocumentPath, socketPagePath } from "./socket-documentation";

/** What may be answered beside what a route says: by the HTTP server itself, for example. */
const otherwise = {
  description: "What is wrong (RFC 9457)",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};
const answered = { 200: { description: "Done" } };

/** OpenAPI at /openapi.json and a page to read it at /docs. Registered before the routes that it describes. */
export async function documentRoutes(app: App, contract: ServiceContract): Promise<void> {
  const routes = new Map<string, DescribedRoute>();
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: `BIST trading platform: ${contract.name}`, version: "1" },
      servers: [{ url: "/", description: "the service itself" }],
      components: {
        ...(problemComponents as object),
        securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      },
    },
    transform: ({ schema, url, route }) => {
      // A route may have none.
      const described: FastifySchema = { ...schema };
      const config = route.config ?? {};
      const { params, querystring, headers, body } = described;
      const hasInput = [params, querystring, headers, body].some((part) => part !== undefined);
      for (const method of [route.method].flat()) routes.set(`${method} ${url}`, { method, config, hasInput });
      const open = config.access === "public" || config.access === undefined;
      return {
        url,
        schema: {
          ...described,
          ...(querystring === undefined ? {} : { querystring: asGiven(querystring as Parameters) }),
          ...(open ? {} : { security: [{ bearer: [] }] }),
          response: described.response ?? answered,
        },
      };
    },
    transformObject: (document) => {
      // Only Swagger's documents come without.
      if (!("openapiObject" in document)) return document.swaggerObject;
      const { openapiObject } = document;
      for (const [key, route] of routes) addAnswers(openapiObject as Described, key, route);
      if (!app.hasRoute({ method: "GET", url: socketDocumentPath })) return openapiObject;
      const externalDocs = { url: socketPagePath, description: "The WebSocket protocol (AsyncAPI)" };
      return { ...openapiObject, externalDocs };
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

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { responses: Record<string, object> }>> | undefined>>;
}

function addAnswers({ paths }: Described, key: string, route: DescribedRoute): void {
  const [method = "", url = ""] = key.split(" ");
  const operation = paths[url.replace(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
  if (operation === undefined) return;
  const headers = answerHeadersOf(route);
  const answers = Object.entries(operation.responses).map(([status, answer]) => [status, { ...answer, headers }]);
  operation.responses = {
    ...(Object.fromEntries(answers) as Record<string, object>),
    ...problemsOf(route),
    default: otherwise,
  };
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

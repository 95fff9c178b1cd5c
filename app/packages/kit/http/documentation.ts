import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { type ServiceContract } from "../../contract/services";
import { type App } from "./server";

/** OpenAPI at /openapi.json and a page to read it at /docs. Registered before the routes that it describes. */
export async function documentRoutes(app: App, contract: ServiceContract): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: `BIST trading platform: ${contract.name}`, version: "1" },
      servers: [{ url: "/", description: "the service itself" }],
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
    },
    transform: ({ schema, url, route }) => ({
      url,
      schema:
        route.config?.access === "public" || route.config?.access === undefined
          ? schema
          : { ...schema, security: [{ bearer: [] }] },
    }),
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

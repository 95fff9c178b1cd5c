import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sqlState } from "../database/database";
import { notFound, Problem, unavailable } from "./problem";

/** Every error leaves as problem details; what was not expected is logged in full and answered with nothing of it. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | Problem, request, reply) => {
    const problem = asProblem(error);
    if (problem.status >= 500) request.log.error({ err: error }, "the request failed");
    return answer(problem, request, reply);
  });
  app.setNotFoundHandler((request, reply) =>
    answer(notFound("ROUTE_NOT_FOUND", `there is no ${request.method} ${pathOf(request)}`), request, reply),
  );
}

function answer(problem: Problem, request: FastifyRequest, reply: FastifyReply) {
  const { retryAfterSeconds } = problem.options;
  if (retryAfterSeconds !== undefined) reply.header("retry-after", retryAfterSeconds);
  if (problem.status === 401) reply.header("www-authenticate", "Bearer");
  return reply
    .code(problem.status)
    .type("application/problem+json")
    .serializer(JSON.stringify)
    .send(problem.body(pathOf(request), request.id));
}

/** The path that the caller asked for, with the service's prefix where it has one, without the query. */
export const pathOf = (request: FastifyRequest) => request.originalUrl.split("?", 1)[0] ?? "/";

const codesOfFastify: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "BODY_TOO_LARGE",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "UNSUPPORTED_MEDIA_TYPE",
  FST_ERR_CTP_EMPTY_JSON_BODY: "INVALID_REQUEST",
  FST_ERR_CTP_INVALID_JSON_BODY: "INVALID_REQUEST",
};

function asProblem(error: FastifyError | Problem): Problem {
  if (error instanceof Problem) return error;
  const status = error.statusCode ?? 500;
  if (status < 500) return new Problem(status, codesOfFastify[error.code] ?? "INVALID_REQUEST", error.message);
  if (isDatabaseAway(error))
    return unavailable("DATABASE_UNAVAILABLE", "the database does not answer; try again", { retryAfterSeconds: 5 });
  return new Problem(500, "INTERNAL_ERROR", "something went wrong here; the correlation id helps to find it");
}

const networkErrors = [
  "ECONNREFUSED",
  "ECONNRESET",
  "ETIMEDOUT",
  "EPIPE",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
];

/** Connection failures, PostgreSQL's classes 08, 53 and 57 (gone, out of resources, shutting down), and pool timeouts. */
const isDatabaseAway = (error: Error) =>
  /^(08|53|57)/.test(sqlState(error) ?? "") ||
  networkErrors.includes((error as NodeJS.ErrnoException).code ?? "") ||
  /timeout exceeded when trying to connect|timeout expired|Connection terminated|closed unused|not queryable/.test(
    error.message,
  );

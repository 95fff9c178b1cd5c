import type { FastifyContextConfig } from "fastify";
import { ProblemSchema } from "./schema";

/** Codes of the problems that a route answers, by status, beside those of every route. */
export type ProblemCodes = Readonly<Partial<Record<number, readonly string[]>>>;

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the route refuses for reasons of its own, for its document. A test holds every answer to it. */
    readonly problems?: ProblemCodes;
    /** Headers of the route's answers that are not errors: name and meaning. */
    readonly answerHeaders?: Readonly<Record<string, string>>;
  }
}

/** What is described of a route beside its schemas. */
export interface DescribedRoute {
  readonly method: string;
  readonly config: FastifyContextConfig;
  readonly hasInput: boolean;
}

const text = { schema: { type: "string" } };
const whole = { schema: { type: "integer", minimum: 0 } };
const { $id: _id, ...problem } = ProblemSchema as typeof ProblemSchema & { $id: string };

const headers = {
  CorrelationId: { description: "Names the request in the logs", ...text },
  RetryAfter: { description: "Seconds to wait before trying again, where that is known", ...whole },
  Authenticate: { description: "`Bearer`", ...text },
  RateLimit: { description: "Requests that the caller may make at once", ...whole },
  RateRemaining: { description: "Requests that are left of it", ...whole },
  RateReset: { description: "Seconds until all are left again", ...whole },
};
const header = (name: keyof typeof headers) => ({ $ref: `#/components/headers/${name}` });
/** On every answer. The rate limits are absent where they are turned off. */
const ofEveryAnswer = {
  "X-Correlation-Id": header("CorrelationId"),
  "X-RateLimit-Limit": header("RateLimit"),
  "X-RateLimit-Remaining": header("RateRemaining"),
  "X-RateLimit-Reset": header("RateReset"),
};

/** What a client may wait out, and what it may sign in for. */
function headersOf(status: number): object {
  if (status === 401) return { ...ofEveryAnswer, "WWW-Authenticate": header("Authenticate") };
  if ([409, 429, 502, 503].includes(status)) return { ...ofEveryAnswer, "Retry-After": header("RetryAfter") };
  return ofEveryAnswer;
}

function refused(status: number, codes: readonly string[]): object {
  return {
    description: codes.join(", "),
    headers: headersOf(status),
    content: {
      "application/problem+json": {
        schema: {
          allOf: [{ $ref: "#/components/schemas/Problem" }, { type: "object", properties: { code: { enum: codes } } }],
        },
      },
    },
  };
}

/** Problems that do not depend on what a route does: which routes have them, and their codes. */
const common: readonly { readonly status: number; readonly name: string; readonly codes: readonly string[] }[] = [
  { status: 400, name: "NotUnderstood", codes: ["INVALID_REQUEST"] },
  {
    status: 401,
    name: "NotAuthenticated",
    codes: ["AUTHENTICATION_REQUIRED", "INVALID_TOKEN", "TOKEN_EXPIRED", "SESSION_ENDED"],
  },
  { status: 403, name: "NotAllowed", codes: ["MISSING_AUTHORITY"] },
  { status: 413, name: "TooLarge", codes: ["BODY_TOO_LARGE"] },
  { status: 415, name: "OtherMediaType", codes: ["UNSUPPORTED_MEDIA_TYPE"] },
  { status: 429, name: "TooMany", codes: ["RATE_LIMIT_EXCEEDED"] },
  { status: 500, name: "Failed", codes: ["INTERNAL_ERROR"] },
  { status: 503, name: "NotAvailable", codes: ["DATABASE_UNAVAILABLE", "ISSUER_UNAVAILABLE"] },
];

function applies(status: number, { method, config, hasInput }: DescribedRoute): boolean {
  const { access } = config;
  switch (status) {
    case 400:
      return hasInput || method !== "GET";
    case 401:
      return access !== "public";
    case 403:
      return access !== "public" && access !== "authenticated";
    case 413:
    case 415:
      return method !== "GET";
    default:
      return true;
  }
}

/** The answers of a route that are errors, by status. */
export function problemsOf(route: DescribedRoute): Record<string, object> {
  const own = route.config.problems ?? {};
  const answers: Record<string, object> = {};
  for (const { status, name, codes } of common.filter(({ status }) => applies(status, route))) {
    const more = own[status];
    answers[status] =
      more === undefined ? { $ref: `#/components/responses/${name}` } : refused(status, [...codes, ...more]);
  }
  for (const [status, codes = []] of Object.entries(own)) answers[status] ??= refused(Number(status), codes);
  return answers;
}

/** Headers of a route's answers that are no errors. */
export const answerHeadersOf = ({ config }: DescribedRoute): object => ({
  ...ofEveryAnswer,
  ...Object.fromEntries(
    Object.entries(config.answerHeaders ?? {}).map(([name, description]) => [name, { description, ...text }]),
  ),
});

/** What the answers refer to. */
export const problemComponents = {
  schemas: { Problem: problem },
  headers,
  responses: Object.fromEntries(common.map(({ status, name, codes }) => [name, refused(status, codes)])),
};

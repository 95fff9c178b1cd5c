import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { securityHeaders } from "../../../app/packages/kit/http/security-headers";

/** An answer over HTTP, its body parsed where it is JSON. */
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

interface Operation {
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly required?: boolean }[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, Response | { readonly $ref: string } | undefined>>;
}

interface Response {
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, object>>;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly responses: Readonly<Record<string, Response>> };
}

/** Headers that say nothing of the route: of HTTP itself, of CORS, and those that are the same on every answer. */
const ofTransport = new Set([
  ...Object.keys(securityHeaders),
  ...["connection", "content-length", "content-type", "date", "keep-alive", "transfer-encoding", "vary"],
]);

/** Holds the answers of a service to its OpenAPI document: status, content type, body, codes of problems, headers. */
export class DocumentedAnswers {
  private readonly ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));

  /** @param pathPrefix under which the service is reached as well */
  constructor(
    readonly document: OpenApiDocument,
    readonly pathPrefix: string,
  ) {
    this.ajv.addSchema(document, "document", false, false);
  }

  /** @throws when the answer is not what the document tells; nothing is said of what is no documented path */
  expect(method: string, target: string, answer: Answer): void {
    const place = this.find(method, target);
    if (place === undefined) return;
    const problems = this.problemsOf(place, answer);
    if (problems.length === 0) return;
    const code = (answer.body as { readonly code?: string } | null)?.code ?? "";
    throw new Error(
      `${method} ${place.path} was answered ${answer.status} ${code}, and its OpenAPI document says otherwise ` +
        `(see \`problems\` and \`answerHeaders\` in the route's config):\n${problems.join("\n")}`,
    );
  }

  private find(method: string, target: string) {
    const [withPrefix = ""] = target.split("?", 1);
    const path = withPrefix.startsWith(`${this.pathPrefix}/`) ? withPrefix.slice(this.pathPrefix.length) : withPrefix;
    const paths = Object.keys(this.document.paths).filter((template) =>
      new RegExp(`^${template.replace(/[.]/g, "\\.").replace(/\{\w+\}/g, "[^/]+")}$`).test(path),
    );
    // Of /users/profile and /users/{userId} the one without a parameter is meant.
    const [found] = paths.sort((one, other) => one.split("{").length - other.split("{").length);
    const operation = found === undefined ? undefined : this.document.paths[found]?.[method.toLowerCase()];
    return found === undefined || operation === undefined
      ? undefined
      : { path: found, method: method.toLowerCase(), operation };
  }

  private problemsOf(place: NonNullable<ReturnType<DocumentedAnswers["find"]>>, answer: Answer): string[] {
    const described = place.operation.responses[answer.status];
    if (described === undefined) return [`the status is not documented`];
    const name = "$ref" in described ? described.$ref.split("/").at(-1) : undefined;
    const response = name === undefined ? (described as Response) : this.document.components.responses[name];
    const pointer =
      name === undefined
        ? `/paths/${escaped(place.path)}/${place.method}/responses/${answer.status}`
        : `/components/responses/${name}`;
    return [
      ...undocumentedHeaders(response ?? {}, answer.headers),
      ...this.problemsOfBody(response ?? {}, pointer, answer),
    ];
  }

  private problemsOfBody({ content }: Response, pointer: string, answer: Answer): string[] {
    const type = answer.headers.get("content-type")?.split(";", 1)[0];
    if (type === undefined) return content === undefined || answer.status === 204 ? [] : ["there is no body"];
    if (!(type in (content ?? {}))) return [`the content type ${type} is not documented`];
    const check = this.ajv.compile({ $ref: `document#${pointer}/content/${escaped(type)}/schema` });
    if (check(answer.body)) return [];
    return (check.errors ?? []).map(({ instancePath, message }) => `the body${instancePath} ${message ?? "is wrong"}`);
  }
}

function undocumentedHeaders({ headers = {} }: Response, sent: Headers): string[] {
  const known = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  return [...sent.keys()]
    .filter((name) => !known.has(name) && !ofTransport.has(name) && !name.startsWith("access-control-"))
    .map((name) => `the header ${name} is not documented`);
}

const escaped = (key: string) => encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"));

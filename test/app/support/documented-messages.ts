import Ajv from "ajv";
import addFormats from "ajv-formats";
import { closeAfterTests } from "./left-over";

interface Schema {
  readonly $ref: string;
}

export interface AsyncApiDocument {
  readonly channels: Readonly<
    Record<
      string,
      { readonly address: string; readonly messages: Readonly<Record<string, { readonly payload: object }>> }
    >
  >;
  readonly operations: Readonly<
    Record<
      string,
      { readonly action: "send" | "receive"; readonly channel: Schema; readonly messages: readonly Schema[] }
    >
  >;
}

const lastOf = ({ $ref }: Schema) => $ref.split("/").at(-1) ?? "";

/** The messages of one channel of an AsyncAPI document, as schemas by their type. */
export function messagesOf(document: AsyncApiDocument, path: string, action: "send" | "receive"): Map<string, object> {
  const [name, channel] = Object.entries(document.channels).find(([, { address }]) => path.endsWith(address)) ?? [];
  const operations = Object.values(document.operations).filter(
    (operation) => operation.action === action && lastOf(operation.channel) === name,
  );
  const types = operations.flatMap(({ messages }) => messages.map(lastOf));
  return new Map(types.map((type) => [type, channel?.messages[type]?.payload ?? {}]));
}

const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));

/** @returns what is wrong with a message by the schemas, by type, that it should follow */
export function wrongOf(message: unknown, schemas: ReadonlyMap<string, object>): string | undefined {
  const schema = schemas.get((message as { readonly type?: string }).type ?? "");
  if (schema === undefined) return "its type is not documented";
  return ajv.validate(schema, message) ? undefined : ajv.errorsText(ajv.errors, { dataVar: "message" });
}

const documents = new Map<string, Promise<AsyncApiDocument>>();
const pending: Promise<void>[] = [];
const wrong: string[] = [];

async function documentOf(url: string): Promise<AsyncApiDocument> {
  const response = await fetch(`${url}/asyncapi.json`);
  return (await response.json()) as AsyncApiDocument;
}

/** Holds what a service sends over a socket to its AsyncAPI document: the tests of the file fail at their end. */
export function holdToDocument(url: string, path: string): (message: unknown) => void {
  let document = documents.get(url);
  if (document === undefined) {
    document = documentOf(url);
    // A service that ends before it is asked sends nothing either.
    document.catch(() => undefined);
    documents.set(url, document);
    if (documents.size === 1) closeAfterTests(expectNothingWrong);
  }
  const schemas = document.then((known) => messagesOf(known, path, "send"));
  schemas.catch(() => undefined);
  return (message) => {
    pending.push(
      schemas.then((known) => {
        const problem = wrongOf(message, known);
        if (problem !== undefined) wrong.push(`${JSON.stringify(message)}: ${problem}`);
      }),
    );
  };
}

async function expectNothingWrong(): Promise<void> {
  await Promise.all(pending);
  if (wrong.length > 0)
    throw new Error(`not as the service's AsyncAPI document tells:\n${wrong.slice(0, 5).join("\n")}`);
}

import { spawn } from "node:child_process";
import { join } from "node:path";
import { MissingTool } from "../../../lib/missing-tool";
import { localFolder, projectRoot } from "../../../lib/paths";
import { pythonEnvironment } from "../../../local/python-environment";

/** A Python that has schemathesis, or why there is none. */
export function findSchemathesis(): { readonly python: string } | { readonly missing: string } {
  try {
    const requirements = join(projectRoot, "test/app/fuzz/requirements.txt");
    return {
      python: pythonEnvironment({ owner: "schemathesis", requirements, folder: join(localFolder, "schemathesis") }),
    };
  } catch (error) {
    if (error instanceof MissingTool) return { missing: error.message.split("\n", 1)[0] ?? "" };
    throw error;
  }
}

/** What an answer must be, whatever the request: no failure of the server, and as the document says. */
const checks = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
  "negative_data_rejection",
  "ignored_auth",
];

export interface Fuzzing {
  /** Of the service, whose document is at /openapi.json. */
  readonly url: string;
  readonly token: string;
  /** Paths that would end what the other requests need. */
  readonly except?: string;
  /** Budget of the run. */
  readonly seconds: number;
}

/** Sends made-up requests to every route of a service's OpenAPI document. The seed is fixed: a failure comes again. */
export function fuzz(
  python: string,
  { url, token, except, seconds }: Fuzzing,
): Promise<{ code: number; output: string }> {
  const args = [
    ...["-c", "from schemathesis.cli import schemathesis; schemathesis()", "run", `${url}/openapi.json`],
    ...["--header", `Authorization: Bearer ${token}`, "--checks", checks.join()],
    ...["--phases", "coverage,fuzzing", "--max-examples", "10", "--max-time", String(seconds), "--seed", "1"],
    ...["--no-shrink", "--continue-on-failure", "--no-color", "--suppress-health-check", "all"],
    ...(except === undefined ? [] : ["--exclude-path-regex", except]),
  ];
  const child = spawn(python, args, { cwd: localFolder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  child.stderr.on("data", (text: Buffer) => (output += text.toString()));
  return new Promise((resolve) => {
    child.once("close", (code) => {
      resolve({ code: code ?? -1, output: output.replaceAll(token, "<token>") });
    });
  });
}

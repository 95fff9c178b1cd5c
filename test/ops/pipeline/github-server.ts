import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { GithubSettings } from "../../../ops/pipeline/github";

interface Entry {
  readonly number: number;
  body: string;
  state: "open" | "closed";
  readonly title?: string;
  readonly labels: readonly string[];
  readonly isPullRequest?: boolean;
}

interface Remark {
  readonly id: number;
  readonly issue: number;
  body: string;
  readonly user: { readonly login: string };
}

/** As much of GitHub's REST API as the pipeline calls, with its pages of at most 100 entries. */
export class GithubServer {
  readonly issues: Entry[] = [];
  readonly comments: Remark[] = [];
  /** Numbers of the pull requests that brought a commit, and whether they are merged. */
  readonly brought = new Map<string, readonly { number: number; merged: boolean }[]>();
  readonly requests: string[] = [];
  private readonly server = createServer((request, response) => {
    void this.answer(request).then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });

  async start(): Promise<GithubSettings> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    const { port } = this.server.address() as AddressInfo;
    return { api: `http://127.0.0.1:${port}`, repository: "shop/platform", token: "of-the-job" };
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) =>
      this.server.close(() => {
        resolve();
      }),
    );
  }

  remark(issue: number, login: string, body: string): void {
    this.comments.push({ id: 1_000 + this.comments.length, issue, body, user: { login } });
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const url = new URL(request.url ?? "", "http://github");
    const path = url.pathname.replace("/repos/shop/platform/", "");
    this.requests.push(`${request.method ?? ""} ${path}`);
    if (request.headers.authorization !== "Bearer of-the-job")
      return { status: 401, body: { message: "Bad credentials" } };
    const sent = await bodyOf(request);
    const page = (entries: readonly unknown[]) => {
      const size = Number(url.searchParams.get("per_page") ?? 30);
      const first = (Number(url.searchParams.get("page") ?? 1) - 1) * size;
      return { status: 200, body: entries.slice(first, first + size) };
    };
    const [, issue] = /^issues\/(\d+)\/comments$/.exec(path) ?? [];
    const [, comment] = /^issues\/comments\/(\d+)$/.exec(path) ?? [];
    const [, number] = /^issues\/(\d+)$/.exec(path) ?? [];
    const [, commit] = /^commits\/(\w+)\/pulls$/.exec(path) ?? [];
    if (issue !== undefined && request.method === "GET") {
      return page(this.comments.filter((one) => one.issue === Number(issue)));
    }
    if (issue !== undefined) {
      this.remark(Number(issue), "github-actions[bot]", String(sent["body"]));
      return { status: 201, body: {} };
    }
    if (comment !== undefined) {
      const found = this.comments.find(({ id }) => id === Number(comment));
      if (found === undefined) return { status: 404, body: { message: "Not Found" } };
      found.body = String(sent["body"]);
      return { status: 200, body: {} };
    }
    if (commit !== undefined) {
      return page(
        (this.brought.get(commit) ?? []).map(({ number, merged }) => ({
          number,
          merged_at: merged ? "2026-11-23" : null,
        })),
      );
    }
    if (path === "issues" && request.method === "GET") {
      const label = url.searchParams.get("labels") ?? "";
      const open = this.issues.filter(({ state, labels }) => state === "open" && labels.includes(label));
      return page(open.map((one) => ({ ...one, ...(one.isPullRequest === true && { pull_request: {} }) })));
    }
    if (path === "issues") {
      const entry = { ...(sent as unknown as Entry), number: this.issues.length + 1, state: "open" as const };
      this.issues.push(entry);
      return { status: 201, body: entry };
    }
    const found = this.issues.find((one) => one.number === Number(number));
    if (found === undefined) return { status: 404, body: { message: "Not Found" } };
    Object.assign(found, sent);
    return { status: 200, body: found };
  }
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}

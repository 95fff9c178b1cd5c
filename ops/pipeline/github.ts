import { z } from "zod";
import { networkLimits } from "../../app/packages/contract/network-limits";

const comment = z.object({ id: z.int(), body: z.string().nullish(), user: z.object({ login: z.string() }).nullish() });
const issue = z.object({ number: z.int(), body: z.string().nullish(), pull_request: z.unknown().optional() });
const pullRequest = z.object({ number: z.int(), merged_at: z.string().nullish() });
export type Comment = z.infer<typeof comment>;
export type Issue = z.infer<typeof issue>;

export interface GithubSettings {
  /** `https://api.github.com` */
  readonly api: string;
  /** `owner/name` */
  readonly repository: string;
  readonly token: string;
}

/** Most entries that GitHub lists at once. */
const PAGE = 100;

/** The few calls of GitHub's REST API that the pipeline makes. Source: docs.github.com/rest, version 2022-11-28 */
export class Github {
  constructor(private readonly settings: GithubSettings) {}

  comments(issueNumber: number): Promise<readonly Comment[]> {
    return this.list(`issues/${issueNumber}/comments`, comment);
  }

  async addComment(issueNumber: number, body: string): Promise<void> {
    await this.call("POST", `issues/${issueNumber}/comments`, { body });
  }

  async changeComment(id: number, body: string): Promise<void> {
    await this.call("PATCH", `issues/comments/${id}`, { body });
  }

  /** Open issues with a label; GitHub lists pull requests among them, which are left out. */
  async openIssues(label: string): Promise<readonly Issue[]> {
    const found = await this.list(`issues?state=open&labels=${encodeURIComponent(label)}`, issue);
    return found.filter(({ pull_request: isPullRequest }) => isPullRequest === undefined);
  }

  async openIssue(values: { title: string; body: string; labels: readonly string[] }): Promise<number> {
    return issue.parse(await this.call("POST", "issues", values)).number;
  }

  async changeIssue(number: number, values: { body?: string; state?: "closed" }): Promise<void> {
    await this.call("PATCH", `issues/${number}`, values);
  }

  /** Numbers of the merged pull requests that brought a commit. */
  async mergedWith(commit: string): Promise<readonly number[]> {
    const found = await this.list(`commits/${commit}/pulls`, pullRequest);
    return found.filter(({ merged_at: mergedAt }) => mergedAt != null).map(({ number }) => number);
  }

  private async list<T extends z.ZodType>(path: string, entry: T): Promise<readonly z.infer<T>[]> {
    const all: z.infer<T>[] = [];
    for (let page = 1; ; page += 1) {
      const separator = path.includes("?") ? "&" : "?";
      const answer = await this.call("GET", `${path}${separator}per_page=${PAGE}&page=${page}`);
      const entries = z.array(entry).parse(answer);
      all.push(...entries);
      if (entries.length < PAGE) return all;
    }
  }

  /** @throws Error with what GitHub answered, when that is not a success */
  private async call(method: string, path: string, body?: object): Promise<unknown> {
    const { api, repository, token } = this.settings;
    const response = await fetch(`${api}/repos/${repository}/${path}`, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "x-github-api-version": "2022-11-28",
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(networkLimits.github.answerMs),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`GitHub answered ${response.status} to ${method} ${path}: ${text.slice(0, 500)}`);
    return text === "" ? undefined : JSON.parse(text);
  }
}

/**
 * Where a workflow says that it runs.
 *
 * @throws Error that names every variable that is missing
 */
export function githubSettings(environment: NodeJS.ProcessEnv = process.env): GithubSettings {
  const missing = ["GITHUB_REPOSITORY", "GITHUB_TOKEN"].filter((name) => !environment[name]);
  if (missing.length > 0) {
    throw new Error(
      `${missing.join(" and ")} must be set, as in a workflow; for a repository of yours: GITHUB_TOKEN=$(gh auth token)`,
    );
  }
  return {
    api: environment["GITHUB_API_URL"] ?? "https://api.github.com",
    repository: environment["GITHUB_REPOSITORY"] ?? "",
    token: environment["GITHUB_TOKEN"] ?? "",
  };
}

/** Where the artifacts of this run are; on a laptop, the folder. */
export function artifactLink(name: string, folder: string, environment: NodeJS.ProcessEnv = process.env): string {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = environment;
  if (server === undefined || repository === undefined || run === undefined) return folder;
  return `[artifact ${name}](${server}/${repository}/actions/runs/${run}#artifacts)`;
}

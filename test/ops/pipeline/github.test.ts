import { Github, githubSettings } from "../../../ops/pipeline/github";
import type { GithubSettings } from "../../../ops/pipeline/github";
import { environmentComment } from "../../../ops/pipeline/report/comment";
import { driftIssue, reportDrift } from "../../../ops/pipeline/report/drift";
import { deployDigest, unreviewed } from "../../../ops/pipeline/report/reviewed";
import { reviewsOf, stick } from "../../../ops/pipeline/report/sticky";
import { GithubServer } from "./github-server";
import { failure, planned, recorded, report } from "./plans";

describe("on GitHub", () => {
  let server: GithubServer;
  let settings: GithubSettings;
  let github: Github;
  const reports = report(
    planned("production-network", recorded("network")),
    planned("production-data", recorded("data")),
  );
  const text = environmentComment(reports, { link: "" });
  const bot = "github-actions[bot]";

  beforeEach(async () => {
    server = new GithubServer();
    settings = await server.start();
    github = new Github(settings);
  });

  afterEach(() => server.stop());

  describe("the comment of an environment", () => {
    test("is written once and changed ever after, past the first hundred others", async () => {
      for (let index = 0; index < 150; index += 1) server.remark(7, "reviewer", `remark ${index}`);
      expect(await stick(github, 7, "production", text)).toBe("added");
      expect(await stick(github, 7, "production", `${text}again`)).toBe("changed");
      expect(server.comments.filter(({ user }) => user.login === bot).map(({ body }) => body)).toEqual([
        `${text}again`,
      ]);
    });

    test("is another one for another environment", async () => {
      await stick(github, 7, "production", text);
      await stick(github, 7, "staging", environmentComment({ ...reports, environment: "staging" }, { link: "" }));
      expect(server.comments).toHaveLength(2);
    });

    test("leaves alone what somebody else wrote that begins alike", async () => {
      server.remark(7, "reviewer", text);
      expect(await stick(github, 7, "production", text)).toBe("added");
    });

    test("that cannot be written says why", async () => {
      const stranger = new Github({ ...settings, token: "none" });
      await expect(stick(stranger, 7, "production", text)).rejects.toThrow(
        /GitHub answered 401 to GET issues\/7\/comments.*Bad credentials/,
      );
    });
  });

  describe("a deploy", () => {
    const brought = (merged = true) => server.brought.set(reports.commit, [{ number: 7, merged }]);
    const open = async () => unreviewed(reports, await reviewsOf(github, reports.commit, "production"));

    test("finds its plans in the merged pull request", async () => {
      brought();
      server.remark(7, bot, text);
      expect(await open()).toEqual([]);
    });

    test("finds nothing in a pull request that was not merged, or in another environment's comment", async () => {
      brought(false);
      server.remark(7, bot, text);
      expect(await open()).toHaveLength(2);
      brought();
      expect(unreviewed(reports, await reviewsOf(github, reports.commit, "staging"))).toHaveLength(2);
    });

    test("does not believe what somebody else wrote, or a marker that is none", async () => {
      brought();
      server.remark(7, "author", text);
      server.remark(7, bot, '<!-- plan-of:production {"digests":{}} -->');
      expect(await open()).toHaveLength(2);
    });

    test("names each stack whose plan is not the one that was reviewed", async () => {
      brought();
      const reviewed = report(planned("production-network", recorded("data")));
      server.remark(7, bot, environmentComment(reviewed, { link: "" }));
      expect(await open()).toEqual([
        expect.stringMatching(/^production-network: this plan is \w{12}, and another plan was reviewed \(\w{12}\)$/),
        expect.stringMatching(/^production-data: this plan is \w{12}, and no change of it was reviewed$/),
      ]);
    });

    test("needs no review for what it does not apply", () => {
      const waits = { stack: "production-edge", outcome: "waiting", needs: [] } as const;
      const later = planned("production-data", recorded("data"), { provisional: ["production-network"] });
      const administered = planned("production-delivery", recorded("network"));
      expect(unreviewed(report(waits, later, administered), [])).toEqual([]);
    });

    test("has one digest for all that it applies", () => {
      const [network, data] = reports.stacks;
      if (network === undefined || data === undefined) throw new Error("there are two stacks");
      const later = planned("production-data", recorded("data"), { provisional: ["production-network"] });
      expect(deployDigest(reports)).toMatch(/^[0-9a-f]{16}$/);
      expect(deployDigest(report(network))).toBe(deployDigest(report(network, later)));
      expect(deployDigest(report(network))).not.toBe(deployDigest(reports));
    });
  });

  describe("the issue about drift", () => {
    const empty = planned("production-edge", { format_version: "1.2", terraform_version: "1.11.4" });

    test("is opened once, kept up to date, and closed when there is nothing left to say", async () => {
      server.issues.push({ number: 1, body: "", state: "open", labels: ["drift"], isPullRequest: true });
      const body = driftIssue([reports], "there");
      expect(await reportDrift(github, body)).toBe("Drift: issue 2 is open.");
      expect(await reportDrift(github, driftIssue([report(...reports.stacks.slice(0, 1))], "there"))).toBe(
        "Drift: issue 2 is up to date.",
      );
      const found = server.issues[1];
      expect(found).toMatchObject({ state: "open", title: "Environments differ from what main declares" });
      expect(found?.body).not.toContain("production-data");
      expect(await reportDrift(github, driftIssue([report(empty)], "there"))).toBe(
        "No drift any more: issue 2 is closed.",
      );
      expect(found?.state).toBe("closed");
      expect(await reportDrift(github, undefined)).toBe("No drift.");
      expect(server.issues).toHaveLength(2);
    });

    test("tells a change from outside from one that is not deployed yet", () => {
      const change = { actions: ["update" as const], before: { name: "a" }, after: { name: "b" } };
      const back = { ...change, before: change.after, after: change.before };
      const resource = { address: "aws_vpc.Main", mode: "managed" as const, type: "aws_vpc" };
      const outside = planned("production-network", {
        format_version: "1.2",
        terraform_version: "1.11.4",
        resource_changes: [{ ...resource, change: back }],
        resource_drift: [{ ...resource, change }],
      });
      const body = driftIssue([report(outside, planned("production-data", recorded("data")), empty)], "there") ?? "";
      expect(body).toContain("| production-network | 1 resources | 1 to change |  |");
      expect(body).toContain("| production-data | nothing | 11 to replace, 17 to change |  |");
      expect(body).not.toContain("production-edge");
    });

    test("is also about a plan that failed, which nobody else looks at", () => {
      const failed = { stack: "production-data", outcome: "failed", problem: failure } as const;
      expect(driftIssue([report(failed)], "there")).toContain("lifecycle.prevent_destroy set");
    });
  });
});

test("without a workflow's variables, all that are missing are named", () => {
  expect(() => githubSettings({})).toThrow(/^GITHUB_REPOSITORY and GITHUB_TOKEN must be set/);
  expect(() => githubSettings({ GITHUB_REPOSITORY: "a/b" })).toThrow(/^GITHUB_TOKEN must be set/);
});

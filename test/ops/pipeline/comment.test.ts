import { environmentComment } from "../../../ops/pipeline/report/comment";
import { fairShares, writeBlocks } from "../../../ops/pipeline/report/markdown";
import type { StackReport } from "../../../ops/pipeline/report/report";
import { failure, largePlan, planned, recorded, report } from "./plans";

const link = "[artifact plans-production](https://github.example/run/1#artifacts)";
const comment = (...stacks: readonly StackReport[]) => environmentComment(report(...stacks), { link });
const network = planned("production-network", recorded("network"));
const data = planned("production-data", recorded("data"));
const nothing = planned("production-edge", { format_version: "1.2", terraform_version: "1.11.4" });

describe("an environment's comment", () => {
  test("says first and loudly what loses data", () => {
    const [, title, , caution, ...rest] = comment(network, data).split("\n");
    expect(title).toBe("## Plan of production");
    expect(caution).toBe("> [!CAUTION]");
    expect(rest[0]).toBe("> **3 resources that hold data are destroyed or replaced**");
    expect(rest[4]).toBe(
      "> - **replace `aws_elasticache_replication_group.Cache_18F6EE16`** in production-data: caches and counters",
    );
    expect(comment(network)).not.toContain("CAUTION");
  });

  test("counts for every stack what is added, changed, replaced and destroyed", () => {
    const lines = comment(network, data, nothing).split("\n");
    expect(lines).toContain("| production-network | 0 | 2 | 0 | 2 |  |");
    expect(lines).toContain("| production-data | 0 | 17 | 11 | 0 | outputs that change: 1 |");
    expect(lines).toContain("| production-edge | 0 | 0 | 0 | 0 |  |");
  });

  test("folds every plan that does something under its tally", () => {
    const text = comment(network, nothing);
    expect(text).toMatch(
      /<details><summary><b>production-network<\/b>: 2 to destroy, 2 to change \([0-9a-f]{12}\)<\/summary>\n\n```diff\n- destroy/,
    );
    expect(text).not.toContain("<b>production-edge</b>");
  });

  test("shows a plan that failed, open", () => {
    const text = comment(network, { stack: "production-data", outcome: "failed", problem: failure });
    expect(text).toContain("| production-data | ? | ? | ? | ? | **the plan failed** |");
    expect(text).toContain("### The plan of production-data failed\n\n```text\n");
    expect(text).toContain("lifecycle.prevent_destroy set, but the plan calls for this resource to be");
  });

  test("says which stack waits for which, and for what", () => {
    const needs = [{ stack: "production-network", outputs: ["vpc_id", "subnets_0", "subnets_1", "subnets_2"] }];
    expect(comment({ stack: "production-data", outcome: "waiting", needs })).toContain(
      "cannot be planned before production-network is applied: it needs `vpc_id`, `subnets_0`, `subnets_1`, and 1 more",
    );
  });

  test("says what a plan is worth", () => {
    const delivery = planned("production-delivery", recorded("network"));
    const unsure = planned("production-data", recorded("data"), {
      provisional: ["production-network"],
      compared: "nothing",
    });
    const text = comment(delivery, unsure);
    expect(text).toContain("| production-delivery | 0 | 2 | 0 | 2 | an administrator applies it |");
    expect(text).toContain(
      "may change when production-network is applied; a deploy plans it again; compared with its state only, since a refresh would read secrets",
    );
  });

  test("keeps what a value says from becoming Markdown", () => {
    const plan = recorded("network");
    const [first] = plan.resource_changes ?? [];
    const value = "```\n</details>\n<!-- plan-of:staging -->";
    const odd = {
      ...plan,
      resource_changes: first && [
        { ...first, change: { ...first.change, actions: ["create" as const], before: null, after: { value } } },
      ],
    };
    const text = comment(planned("production-network", odd));
    const [, fence = ""] = /^(`{3,})diff$/m.exec(text) ?? [];
    expect(fence).toBe("````");
    expect(text.split("\n").filter((line) => line === fence)).toHaveLength(1);
    expect(text.split("\n").filter((line) => line === "</details>")).toHaveLength(1);
  });
});

describe("a comment about more than GitHub takes", () => {
  const large = largePlan(2_000_000);
  const data = planned("production-data", large);

  test("is cut at the end of a line, says how much is missing and where it is", () => {
    expect(JSON.stringify(large).length).toBeGreaterThan(2_000_000);
    const text = comment(data);
    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(text.length).toBeGreaterThan(60_000);
    expect(text).toMatch(/Cut: \d+ of \d+ lines are shown. The whole plan: \[artifact plans-production\]/);
    expect(text).toMatch(/and \d+ more/);
  });

  test("shows small plans whole beside a large one", () => {
    const text = comment(data, network);
    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(text).toContain("! change   aws_route.Network_Routes_PrivateDefaultZoneB_82FE9A69");
    expect(text.match(/^Cut: /gm)).toHaveLength(1);
  });

  test("holds however many stacks and errors there are", () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0
        ? { ...data, stack: `production-s${index}` }
        : ({ stack: `production-s${index}`, outcome: "failed", problem: failure.repeat(200) } as const),
    );
    const text = comment(...many);
    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(text).toMatch(/Whole plans: \[artifact/);
  });
});

describe("shares of what is left", () => {
  test.each<[string, number[], number, number[]]>([
    ["all fit", [10, 20, 30], 100, [10, 20, 30]],
    ["the small ones whole, the large ones alike", [100, 5, 80], 65, [30, 5, 30]],
    ["none", [10, 20], 0, [0, 0]],
  ])("%s", (_, needs, budget, shares) => {
    expect(fairShares(needs, budget)).toEqual(shares);
  });

  test("of a line that is longer than the share show nothing of it", () => {
    const text = writeBlocks([{ title: "t", text: "x".repeat(1_000), language: "diff" }], 500, "There.");
    expect(text).toContain("Cut: 0 of 1 lines are shown. There.");
    expect(text).not.toContain("x");
  });
});

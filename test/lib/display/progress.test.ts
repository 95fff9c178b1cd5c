import { duration, Progress } from "../../../lib/display/progress";

describe("Progress", () => {
  const started = () => {
    let now = 0;
    const progress = new Progress(
      [
        { id: "local-network", dependencies: [] },
        { id: "local-data", dependencies: ["local-network"] },
      ],
      () => now,
    );
    const after = (milliseconds: number) => {
      now += milliseconds;
      return progress.lines(120);
    };
    return { progress, after };
  };

  test("shows what runs, for how long, and what is left", () => {
    const { progress, after } = started();
    progress.begin("local-network");
    progress.event("local-network", { kind: "planned", changes: 2 });
    progress.event("local-network", { kind: "started", address: "aws_vpc.Vpc", action: "create" });
    expect(after(3_000)).toEqual([
      "▸ local-network  3s  0 of 2  aws_vpc.Vpc 3s",
      "· local-data     waits for local-network",
      "",
      "0 of 2 changes, 1 stack not planned yet",
    ]);
    progress.event("local-network", { kind: "finished", address: "aws_vpc.Vpc", action: "create", succeeded: true });
    progress.event("local-network", { kind: "started", address: "aws_subnet.A", action: "create" });
    expect(after(1_000)[0]).toBe("▸ local-network  4s  1 of 2  aws_subnet.A 1s");
  });

  test("names first what has run longest", () => {
    const { progress, after } = started();
    progress.begin("local-network");
    progress.event("local-network", { kind: "planned", changes: 2 });
    progress.event("local-network", { kind: "started", address: "slow", action: "create" });
    after(5_000);
    progress.event("local-network", { kind: "started", address: "quick", action: "create" });
    expect(after(2_000)[0]).toBe("▸ local-network  7s  0 of 2  slow 7s, quick 2s");
    progress.event("local-network", { kind: "started", address: "quicker", action: "create" });
    expect(after(0)[0]).toBe("▸ local-network  7s  0 of 2  slow 7s, quick 2s and 1 more");
  });

  test("tells a stack that changed, one that did not, one that failed and one left out apart", () => {
    const { progress, after } = started();
    progress.begin("local-network");
    progress.event("local-network", { kind: "planned", changes: 0 });
    progress.end("local-network", "done");
    progress.begin("local-data");
    progress.event("local-data", { kind: "planned", changes: 1 });
    progress.event("local-data", { kind: "finished", address: "a", action: "create", succeeded: false });
    after(65_000);
    progress.end("local-data", "failed");
    expect(after(9_000)).toEqual([
      "✔ local-network  0s  no change",
      "✘ local-data     1m 05s  failed after 0 of 1 change",
      "",
      "0 of 1 change",
    ]);
    progress.end("local-data", "left out");
    expect(after(0)[1]).toBe("- local-data     left out: a stack that it needs failed");
  });

  test("keeps to the width of the terminal", () => {
    const { progress } = started();
    progress.begin("local-network");
    expect(progress.lines(20)[0]).toBe("▸ local-network  0s…");
  });

  test("knows nothing of other stacks", () => {
    expect(() => {
      started().progress.begin("local-edge");
    }).toThrow("local-edge is not among the stacks");
  });
});

test.each([
  [400, "0s"],
  [59_400, "59s"],
  [60_000, "1m 00s"],
  [185_000, "3m 05s"],
])("%i ms last %s", (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

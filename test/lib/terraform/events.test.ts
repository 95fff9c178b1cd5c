import { parseEvent } from "../../../lib/terraform/events";

const line = (message: object) => JSON.stringify({ "@level": "info", ...message });
const hook = (action: string) => ({ resource: { addr: "aws_vpc.Vpc" }, action });

describe("parseEvent", () => {
  test("counts what a plan would change", () => {
    const changes = { add: 3, change: 2, remove: 1 };
    expect(parseEvent(line({ type: "change_summary", changes: { ...changes, operation: "plan" } }))).toEqual({
      kind: "planned",
      changes: 6,
    });
    expect(parseEvent(line({ type: "change_summary", changes: { ...changes, operation: "apply" } }))).toBeUndefined();
  });

  test("follows a resource from its beginning to its end", () => {
    const change = { address: "aws_vpc.Vpc", action: "create" };
    expect(parseEvent(line({ type: "apply_start", hook: hook("create") }))).toEqual({ kind: "started", ...change });
    expect(parseEvent(line({ type: "apply_complete", hook: hook("create") }))).toEqual({
      kind: "finished",
      succeeded: true,
      ...change,
    });
    expect(parseEvent(line({ type: "apply_errored", hook: hook("create") }))).toEqual({
      kind: "finished",
      succeeded: false,
      ...change,
    });
  });

  test("does not take the reading of a data source for a change", () => {
    expect(parseEvent(line({ type: "apply_start", hook: hook("read") }))).toBeUndefined();
    expect(parseEvent(line({ type: "apply_complete", hook: hook("read") }))).toBeUndefined();
  });

  test("tells an error with its resource, and leaves warnings", () => {
    const diagnostic = { severity: "error", summary: "refused", detail: "exists\n", address: "aws_vpc.Vpc" };
    expect(parseEvent(line({ type: "diagnostic", diagnostic }))).toEqual({
      kind: "problem",
      problem: { summary: "refused", detail: "exists", address: "aws_vpc.Vpc" },
    });
    expect(
      parseEvent(line({ type: "diagnostic", diagnostic: { ...diagnostic, severity: "warning" } })),
    ).toBeUndefined();
  });

  test("passes over what is no message", () => {
    expect(parseEvent("panic: runtime error")).toBeUndefined();
    expect(parseEvent(line({ type: "version" }))).toBeUndefined();
  });
});

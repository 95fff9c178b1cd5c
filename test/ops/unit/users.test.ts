import type { UserStanding } from "../../../app/packages/contract/user-standing";
import { runBefore as ops, operator } from "../support/fake-application-jobs";

const userId = "5f0a9f7e-6c1d-4c39-9a57-3f0c8f1d2e4b";
const email = "ayse@example.com";
const reason = "asked for by telephone";

const standing = (change: Partial<UserStanding> = {}): UserStanding => ({
  outcome: "found",
  userId,
  status: "ACTIVE",
  brokerSession: { open: true, ended: null },
  orders: { notSent: 2, atBroker: 3 },
  ...change,
});
const loggedOut = standing({ status: "SUSPENDED", brokerSession: { open: false, ended: "SUSPENDED" } });
const suspend = ["users", "suspend", "Ayse@Example.com", "--reason", reason];
const reactivate = ["users", "reactivate", userId, "--reason", reason];

describe("users suspend", () => {
  test("says what happened to the session at the broker, and how many orders stay there", async () => {
    const { code, out, jobs, events } = await ops(suspend, {
      answers: [standing(), `${userId} is SUSPENDED`, loggedOut],
    });
    expect([code, events]).toEqual([0, ["done", "started"]]);
    expect(out).toBe(
      [
        `${userId} is suspended.`,
        "no session at the broker is open (the last ended: SUSPENDED)",
        "2 orders wait to be sent, which are rejected",
        "3 orders stay at the broker until they are filled or the day ends",
        "",
      ].join("\n"),
    );
    expect(jobs.map(({ command, args }) => [command, args])).toEqual([
      ["find-user", []],
      ["suspend-user", [userId, `--reason=${reason} (by ${operator})`]],
      ["find-user", [userId, "--until-logged-out=60"]],
    ]);
  });

  test("leaves no e-mail address in the cluster's objects, the audit trail or what it prints", async () => {
    const { out, err, jobs, audit } = await ops(suspend, {
      answers: [standing(), `${userId} is SUSPENDED`, loggedOut],
    });
    expect(jobs[0]?.secrets).toEqual({ FIND_USER: email });
    const kept = JSON.stringify([out, err, audit, jobs.map(({ name, args, env }) => [name, args, env])]);
    expect(kept.toLowerCase()).not.toContain("ayse");
    expect(audit[0]).toMatchObject({ command: "users suspend", operator, input: { userId, reason } });
    const none = await ops(suspend, { answers: [{ outcome: "none" }] });
    expect(`${none.out}${none.err}`.toLowerCase()).not.toContain("ayse");
  });

  test("is not well while the session at the broker is open", async () => {
    const still = standing({ status: "SUSPENDED" });
    const { code, out } = await ops(suspend, { answers: [standing(), "done", still] });
    expect([code, out]).toEqual([7, expect.stringContaining("still open after 60 s")]);
  });

  test("shows in a dry run what it would end, and asks for no more", async () => {
    const { code, out, jobs, events } = await ops([...suspend, "--dry-run"], { answers: [standing()] });
    expect([code, jobs.length, events]).toEqual([0, 1, []]);
    expect(out).toBe(
      [
        "A dry run: nothing was changed. It would",
        `  suspend the user ${userId}, who is ACTIVE`,
        "  end the session at the broker",
        "  reject 2 orders that were not sent; 3 would stay at the broker",
        "",
      ].join("\n"),
    );
  });

  test.each([
    [{ outcome: "none" }, "There is no user of that e-mail address or id\n"],
    [standing({ status: "DEACTIVATED" }), `${userId} is deactivated, which is for good\n`],
  ])("is refused where it cannot be: %j", async (answer, words) => {
    const { code, err, jobs, events } = await ops(suspend, { answers: [answer] });
    expect([code, err, jobs.length, events]).toEqual([3, words, 1, []]);
  });

  test("of a user who is suspended already is done again, and harms nothing", async () => {
    expect((await ops(suspend, { answers: [loggedOut, "done", loggedOut] })).code).toBe(0);
  });

  test("takes a user of an external issuer by the id", async () => {
    const external = standing({ status: null });
    const { code, out } = await ops([...suspend, "--dry-run"], { answers: [external] });
    expect([code, out]).toEqual([0, expect.stringContaining("known by an account at the broker alone")]);
  });

  test("that fails says that the same command again goes on", async () => {
    const { code, events } = await ops(suspend, { answers: [standing(), new Error("the Job failed")] });
    expect([code, events]).toEqual([6, ["failed", "started"]]);
  });
});

describe("users reactivate", () => {
  test("lets the user go on, and waits for nothing", async () => {
    const { code, out, jobs } = await ops(reactivate, { answers: [loggedOut, "done", standing({ status: "ACTIVE" })] });
    expect([code, out]).toEqual([0, `${userId} is active, and signs in anew here and at the broker.\n`]);
    expect(jobs.slice(1).map(({ command, args }) => [command, args])).toEqual([
      ["suspend-user", [userId, `--reason=${reason} (by ${operator})`, "--reactivate"]],
      ["find-user", [userId]],
    ]);
  });
});

test.each([
  [["users", "suspend", "ayse", "--reason", reason], /Use an e-mail address or a user's id/],
  [["users", "suspend", email], /required option '--reason <text>'/],
  [["users", "suspend", email, "--reason", " "], /Say why/],
  [["users", "reactivate", email, "--reason", "x".repeat(251)], /Say why/],
])("the command line %j is refused", async (args, words) => {
  const { code, err, jobs } = await ops(args, { answers: [] });
  expect([code, err, jobs]).toEqual([2, expect.stringMatching(words), []]);
});

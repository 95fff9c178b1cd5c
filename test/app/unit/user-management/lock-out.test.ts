import { countAfter, forgetAfterMs, lockMs } from "../../../../app/services/user-management/domain/lock-out";

describe("the lock after failed sign-ins", () => {
  test("ASVS 6.1.1, 6.3.1: starts after four failures and doubles from a second, never beyond a quarter of an hour", () => {
    expect([1, 4, 5, 6, 7, 14, 15, 1000].map(lockMs)).toEqual([0, 0, 1_000, 2_000, 4_000, 512_000, 900_000, 900_000]);
  });

  test("forgets after a quiet day", () => {
    const before = { count: 7, lastAt: 0 };
    expect(countAfter(before, forgetAfterMs)).toBe(8);
    expect(countAfter(before, forgetAfterMs + 1)).toBe(1);
    expect(countAfter({ count: 0, lastAt: -Infinity }, 0)).toBe(1);
  });
});

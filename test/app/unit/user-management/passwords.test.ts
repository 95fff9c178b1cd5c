import {
  hashPassword,
  pretendToVerify,
  verifyPassword,
} from "../../../../app/services/user-management/crypto/password-hashing";
import { passwordProblem } from "../../../../app/services/user-management/domain/password-policy";

const owner = { email: "ayse.yilmaz@example.com", firstName: "Ayşe", lastName: "Yılmaz" };

describe("a new password", () => {
  test.each([
    "correct horse battery staple",
    "çok uzun bir parola değil",
    "🐎🔋📎🐎🔋📎x🌍🌙⭐🌊🔥",
    "x".repeat(3) + "7Lq-92mvTz!",
  ])("ASVS 6.2.5, 6.2.9: %j will do, whatever it is composed of", (password) => {
    expect(passwordProblem(password, owner)).toBeUndefined();
  });

  test.each([
    ["short", /it has 5 characters; use at least 12/],
    ["x".repeat(129), /use at most 128/],
    ["abcabcabcabc", /repeats a few characters/],
    ["aaaaaaaaaaaaaaa", /repeats a few characters/],
    ["123456789012345", /run of neighbouring/],
    ["abcdefghijklmnop", /run of neighbouring/],
    ["Password123456", /most common/],
    ["galatasaray1905", /most common/],
    ["P@ssw0rd2026!!", /most common/],
    ["ayse.yilmaz2026", /your name/],
    ["bist-trading-1", /this platform's name/],
  ])("ASVS 6.2.1, 6.2.4, 6.2.11: %j will not do", (password, problem) => {
    expect(passwordProblem(password, owner)).toMatch(problem);
  });
});

describe("a stored password", () => {
  test("ASVS 11.4.2: is an argon2id hash with a salt of its own", async () => {
    const [one, two] = [await hashPassword("correct horse"), await hashPassword("correct horse")];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await verifyPassword("correct horse", one)).toBe(true);
    expect(await verifyPassword("Correct horse", one)).toBe(false);
  });

  test("is the same however the keyboard composes its characters", async () => {
    expect(await verifyPassword("s\u0327ifre", await hashPassword("\u015fifre"))).toBe(true);
  });

  test("is never that of nobody", async () => {
    expect(await pretendToVerify("nobody has this password")).toBe(false);
  });
});

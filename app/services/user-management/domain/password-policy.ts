/** Bounds in characters: long enough to need no rules of composition (ASVS 6.2.1, 6.2.5), open to pass phrases (6.2.9). */
export const passwordLength = { least: 12, most: 128 } as const;

/** What passwords of twelve and more characters are commonly built on. */
const commonStems = [
  ..."password passw0rd p@ssword p@ssw0rd parola sifre qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm admin".split(
    " ",
  ),
  ..."administrator letmein welcome login iloveyou monkey dragon sunshine princess football baseball superman".split(
    " ",
  ),
  ..."batman master shadow trustno changeme secret default guest test user galatasaray fenerbahce besiktas".split(" "),
  ..."trabzonspor turkiye istanbul ankara ataturk abc abcd abcdef qazwsx qweasd asd qwe computer internet".split(" "),
];
const ownWords = ["bist", "borsa", "algolab", "trading", "bisttrading"];

export interface PasswordOwner {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
}

/** Says what is wrong with a new password, or nothing when it will do. */
export function passwordProblem(password: string, owner: PasswordOwner): string | undefined {
  const characters = Array.from(password).length;
  if (characters < passwordLength.least) return `it has ${characters} characters; use at least ${passwordLength.least}`;
  if (characters > passwordLength.most) return `it has ${characters} characters; use at most ${passwordLength.most}`;
  const lower = password.toLowerCase();
  if (/^(.{1,4})\1+.{0,3}$/su.test(lower)) return "it repeats a few characters";
  if (isRun(lower)) return "it is a run of neighbouring characters";
  const stem = lower.replace(/[^\p{L}@]+|(?<=\p{L})0(?=\p{L})/gu, (part) => (part === "0" ? part : ""));
  if (commonStems.includes(lower.replace(/[\d\W_]+$/u, "")) || commonStems.includes(stem))
    return "it is built on one of the most common passwords";
  const personal = [...owner.email.split(/[@.+_-]/), owner.firstName, owner.lastName, ...ownWords]
    .map((word) => word.toLowerCase())
    .filter((word) => word.length >= 3);
  const rest = personal.reduce((left, word) => left.replaceAll(word, ""), lower);
  if (Array.from(rest).length < passwordLength.least / 2)
    return "it is made of your name, your address or this platform's name";
  return undefined;
}

/** True for 123456789012, abcdefghijkl and their reverses. */
function isRun(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const step = (codes[1] ?? 0) - (codes[0] ?? 0);
  const wraps = (from: number, to: number) => (from === 57 && to === 48) || (from === 48 && to === 57);
  return (
    Math.abs(step) === 1 &&
    codes.slice(1).every((code, index) => code - (codes[index] ?? 0) === step || wraps(codes[index] ?? 0, code))
  );
}

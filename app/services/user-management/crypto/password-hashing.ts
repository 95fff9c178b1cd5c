import { hash, verify } from "@node-rs/argon2";

/** Argon2id as OWASP's password storage cheat sheet sets it: 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const hashPassword = (password: string): Promise<string> => hash(normal(password), cost);

export const verifyPassword = (password: string, hashed: string): Promise<boolean> => verify(hashed, normal(password));

let decoy: Promise<string> | undefined;

/** Takes as long as a check and always fails: what a sign-in does when there is no such user. */
export async function pretendToVerify(password: string): Promise<false> {
  decoy ??= hashPassword("the password of no user");
  await verifyPassword(password, await decoy);
  return false;
}

/** The same password typed on different keyboards is the same bytes. */
const normal = (password: string) => password.normalize("NFKC");

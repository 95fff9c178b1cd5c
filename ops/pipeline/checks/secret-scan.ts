import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";

export interface FoundSecret {
  readonly line: number;
  /** What kind of secret it is; never the secret. */
  readonly message: string;
}

const settings = [
  {
    // Accounts of AWS's own examples, and the emulator's.
    id: "@secretlint/secretlint-rule-aws",
    options: { enableIDScanRule: true, allows: ["/111122223333|444455556666|123456789012|000000000000/"] },
  },
  {
    // A connection to this machine, or to a host that is no host, opens nothing.
    id: "@secretlint/secretlint-rule-database-connection-string",
    options: { allows: ["/@(127\\.0\\.0\\.1|[\\w-]+|[\\w.-]+\\.(example|test|invalid))(:\\d+)?([^\\w.-]|$)/"] },
  },
];

/** Looks for what is formed like a secret in the text of a file. */
export async function findSecrets(path: string, text: string): Promise<readonly FoundSecret[]> {
  const { messages } = await lintSource({
    source: { filePath: path, content: text, contentType: "text" },
    options: {
      config: { rules: [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: creator, rules: settings }] },
      maskSecrets: true,
      noPhysicFilePath: true,
    },
  });
  return messages.map(({ loc, message, ruleId }) => ({
    line: loc.start.line,
    message: `${message} (${ruleId.replace("@secretlint/secretlint-rule-", "")})`,
  }));
}

import { auditVerdict } from "../../../ops/pipeline/checks/audit-verdict";
import { findSecrets } from "../../../ops/pipeline/checks/secret-scan";

describe("the secret scan", () => {
  // In two halves, or this file would be the finding.
  const key = ["AKIA", "QYLPMN5HHHFPZAM2"].join("");
  const url = (host: string) => ["postgresql://shop:", `trade-winds@${host}/shop`].join("");

  test("finds a key, says on which line, and does not repeat it", async () => {
    const found = await findSecrets("a.ts", `const region = "x";\nconst key = "${key}";\n`);
    expect(found).toEqual([{ line: 2, message: expect.stringMatching(/AWS Access Key ID.*\(aws\)/) as string }]);
    expect(JSON.stringify(found)).not.toContain(key);
  });

  test.each(["db.shop.com", "10.0.20.7:5432"])("finds the password of a database at %s", async (host) => {
    expect(await findSecrets("a.ts", url(host))).toHaveLength(1);
  });

  test.each(["127.0.0.1:5432", "db", "db.example", "db.shop.test"])(
    "lets pass one at %s, which is nowhere",
    async (host) => {
      expect(await findSecrets("a.ts", `connect("${url(host)}")`)).toEqual([]);
    },
  );
});

describe("the dependency audit", () => {
  const hole = (severity: string, fixAvailable: boolean | object) => ({
    severity,
    range: "<1.2.3",
    fixAvailable,
    via: [{ title: "Prototype pollution", url: "https://github.example/advisories/1" }, "other"],
  });
  const audit = (vulnerabilities: object) => auditVerdict(JSON.stringify({ vulnerabilities }), "");

  test("fails for a high or critical hole, and says what mends it", () => {
    const { outcome, lines } = audit({
      left: hole("critical", { name: "left", version: "1.2.3" }),
      right: hole("low", false),
    });
    expect(outcome).toBe("holes");
    expect(lines).toEqual([
      "critical  left <1.2.3: Prototype pollution https://github.example/advisories/1; through other; mended by left 1.2.3",
      "low  right <1.2.3: Prototype pollution https://github.example/advisories/1; through other; no version mends it yet",
      "2 packages with known holes, 1 of them high or critical",
    ]);
  });

  test("tells of lesser holes and passes", () => {
    expect(audit({ right: hole("moderate", true) }).outcome).toBe("clean");
    expect(audit({})).toEqual({
      outcome: "clean",
      lines: ["0 packages with known holes, 0 of them high or critical"],
    });
  });

  test.each([
    ["what npm says", '{"message":"405 Method Not Allowed"}', "", "405 Method Not Allowed"],
    ["its error", '{"error":{"summary":"getaddrinfo ENOTFOUND"}}', "", "getaddrinfo ENOTFOUND"],
    ["its last line", "", "npm error\nnpm error offline", "npm error offline"],
    ["that there was none", "", "", "no answer"],
  ])("without an answer is no pass, and gives as the reason %s", (_, stdout, stderr, reason) => {
    const { outcome, lines } = auditVerdict(stdout, stderr);
    expect(outcome).toBe("unknown");
    expect(lines).toEqual([expect.stringContaining(`(${reason})`) as string]);
  });
});

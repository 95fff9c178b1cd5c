/** The part of `npm audit --json` that is read. */
interface Audit {
  readonly message?: string;
  readonly error?: { readonly summary?: string };
  readonly vulnerabilities?: Readonly<
    Record<
      string,
      {
        readonly severity: string;
        readonly range: string;
        readonly fixAvailable: boolean | { readonly name: string; readonly version: string };
        readonly via: readonly (string | { readonly title: string; readonly url: string })[];
      }
    >
  >;
}

export interface AuditVerdict {
  readonly outcome: "clean" | "holes" | "unknown";
  /** The last one says what it comes to. */
  readonly lines: readonly string[];
}

/** A hole as bad as this fails the check; a lesser one is only listed. */
const FAILING = new Set(["high", "critical"]);

/**
 * What an audit says.
 *
 * @param stdout of `npm audit --json`
 * @param stderr for the reason, when there is no answer
 */
export function auditVerdict(stdout: string, stderr: string): AuditVerdict {
  const audit = parse(stdout);
  if (audit?.vulnerabilities === undefined) {
    const reason = [audit?.message, audit?.error?.summary, lastLine(stderr)].find(Boolean) ?? "no answer";
    return {
      outcome: "unknown",
      lines: [`the registry gives no audit here (${reason}); run it where registry.npmjs.org can be reached`],
    };
  }
  const holes = Object.entries(audit.vulnerabilities);
  const failing = holes.filter(([, { severity }]) => FAILING.has(severity));
  const lines = holes.map(([name, { severity, range, via, fixAvailable }]) => {
    const titles = via.map((reason) =>
      typeof reason === "string" ? `through ${reason}` : `${reason.title} ${reason.url}`,
    );
    const remedy =
      typeof fixAvailable === "object"
        ? `mended by ${fixAvailable.name} ${fixAvailable.version}`
        : fixAvailable
          ? "mended by npm audit fix"
          : "no version mends it yet";
    return `${severity}  ${name} ${range}: ${titles.join("; ")}; ${remedy}`;
  });
  return {
    outcome: failing.length > 0 ? "holes" : "clean",
    lines: [...lines, `${holes.length} packages with known holes, ${failing.length} of them high or critical`],
  };
}

const lastLine = (text: string) => text.trim().split("\n").at(-1);

function parse(text: string): Audit | undefined {
  try {
    return JSON.parse(text) as Audit;
  } catch {
    return undefined;
  }
}

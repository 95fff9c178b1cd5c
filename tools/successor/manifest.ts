/** The package of CDK Terrain that takes the place of cdktf. */
export const SUCCESSOR = "cdktn";

/** Stays as it is: npm had no bindings of the successor for this provider, and today's run on its library. */
const KEPT = "kept";

/** What takes the place of each package of cdktf. For hashicorp/aws npm had the successor's bindings of 6.40 to 6.66. */
const replacements: Readonly<Record<string, string>> = {
  cdktf: `npm:${SUCCESSOR}@0.24.0`,
  "@cdktf/provider-aws": "npm:@cdktn/provider-aws@25.7.0",
  "@cdktf/provider-helm": KEPT,
  "@cdktf/provider-kubernetes": KEPT,
};

/** The successor asks for a newer one than cdktf: `>=10.6.0 <10.8.0`. */
const CONSTRUCTS = "10.7.2";

/** A trial that ends without a comparison; the message is all that a reader needs. */
export class TrialError extends Error {}

/** What the trial's package.json holds. */
export interface TrialManifest {
  readonly name: string;
  readonly private: true;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, string>>;
}

/**
 * The trial's package.json: this project's packages of cdktf under the same names, replaced by the successor's. Every
 * other package is found in the project's own node_modules, above the trial's.
 *
 * @param dependencies of this project's package.json
 * @throws TrialError when a package of cdktf has no replacement here
 */
export function trialManifest(dependencies: Readonly<Record<string, string>>): TrialManifest {
  const names = Object.keys(dependencies).filter((name) => name === "cdktf" || name.startsWith("@cdktf/"));
  const unknown = names.filter((name) => !Object.hasOwn(replacements, name));
  if (unknown.length > 0) {
    throw new TrialError(
      `${unknown.join(", ")}: no replacement in tools/successor/manifest.ts. ` +
        `Add the successor's package, or KEPT where npm has none.`,
    );
  }
  const replaced = names.map((name): [string, string] => {
    const replacement = replacements[name] ?? KEPT;
    return [name, replacement === KEPT ? (dependencies[name] ?? "") : replacement];
  });
  return {
    name: "successor-trial",
    private: true,
    dependencies: { ...Object.fromEntries(replaced), constructs: CONSTRUCTS },
    // Bindings that are kept ask for cdktf 0.21, and get what goes by its name.
    overrides: { cdktf: "$cdktf" },
  };
}

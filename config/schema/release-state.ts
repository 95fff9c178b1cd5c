import { z } from "zod";
import { serviceKeys, services } from "../../app/packages/contract/services";

/** The two Deployments and target groups that every service has; one of them is live. */
export const colours = ["blue", "green"] as const;
export type Colour = (typeof colours)[number];

const serviceNames = serviceKeys.map((key) => services[key].name);

const weight = z.int().min(0).max(100);

/**
 * What is released: the value of one SSM parameter, as JSON. `edge` writes the first one and reads the weights of its
 * listener rules from it ever after; the Deployments take their images from it; only operations change it: releases, rollbacks,
 * maintenance and recoveries.
 */
export const releaseState = z.strictObject({
  schema: z.literal(1),
  /** Colour that serves, or that a release in progress is moving away from. */
  live: z.enum(colours),
  /** Image of each colour, with its digest; empty until the first release. */
  images: z.strictObject({ blue: z.string(), green: z.string() }),
  /** Share of requests of each colour, percent. */
  weights: z
    .strictObject({ blue: weight, green: weight })
    .refine(({ blue, green }) => blue + green === 100, "are not 100 together"),
  /** Whether the colour that is not live has its pods all the same: a release brings them up before requests come. */
  standby: z.boolean().optional(),
  /** Pods of a colour that has any, by the name of a service that an operator scaled; else the environment decides. */
  replicas: z.partialRecord(z.enum(serviceNames), z.int().min(1)).optional(),
});
export type ReleaseState = Readonly<z.infer<typeof releaseState>>;

/** Before anything was released: everything goes to blue. */
export const unreleased: ReleaseState = {
  schema: 1,
  live: "blue",
  images: { blue: "", green: "" },
  weights: { blue: 100, green: 0 },
};

/**
 * @throws Error that names every problem of the value and what would be right
 */
export function parseReleaseState(json: string): ReleaseState {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Error(`The release parameter is not JSON: ${json}; a first value is ${JSON.stringify(unreleased)}`);
  }
  const result = releaseState.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `  ${issue.path.join(".")} ${issue.message}`);
  throw new Error(`The release parameter has ${problems.length} problem(s):\n${problems.join("\n")}`);
}

/** As the parameter holds it: always the same text for the same state, so that plans compare equal. */
export function formatReleaseState(state: ReleaseState): string {
  return JSON.stringify(releaseState.parse(state));
}

/**
 * What can still be created, and until when it has standard support. Synthesis reads no clock: a version leaves
 * these tables by a commit. Sources: endoflife.date amazon-eks and amazon-rds-postgresql, read 2026-08.
 */
export const kubernetesVersions = {
  "1.35": { standardSupportUntil: "2027-03-27" },
  "1.36": { standardSupportUntil: "2027-08-02" },
} as const;

/** Major versions; AWS manages the minor. */
export const postgresVersions = {
  "15": { standardSupportUntil: "2028-02-29" },
  "16": { standardSupportUntil: "2029-02-28" },
  "17": { standardSupportUntil: "2030-02-28" },
  "18": { standardSupportUntil: "2031-02-28" },
} as const;

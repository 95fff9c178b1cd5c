const GIB = 1024;

/**
 * GiB of memory per virtual CPU, by the family letter of an instance class. Burstable classes follow no such rule.
 * Source: "Hardware specifications for DB instance classes", Amazon RDS User Guide.
 */
const GIB_PER_CPU: Readonly<Record<string, number>> = { m: 4, r: 8, x: 16 };

/** Source: the same table, for db.t3 and db.t4g. */
const BURSTABLE_GIB: Readonly<Record<string, number>> = {
  micro: 1,
  small: 2,
  medium: 4,
  large: 8,
  xlarge: 16,
  "2xlarge": 32,
};

/** Memory of an instance class in MiB, for example 65536 of `db.r5.2xlarge`; `undefined` for a class that is not known. */
export function instanceMemoryMiB(instanceClass: string): number | undefined {
  const match = /^db\.([a-z])\d[a-z]*\.([a-z0-9]+)$/.exec(instanceClass);
  const [, family = "", size = ""] = match ?? [];
  const gib = family === "t" ? BURSTABLE_GIB[size] : multiply(GIB_PER_CPU[family], virtualCpus(size));
  return gib === undefined ? undefined : gib * GIB;
}

function virtualCpus(size: string): number | undefined {
  if (size === "large") return 2;
  const match = /^(\d*)xlarge$/.exec(size);
  return match === null ? undefined : 4 * Number(match[1] === "" ? 1 : match[1]);
}

function multiply(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one * other;
}

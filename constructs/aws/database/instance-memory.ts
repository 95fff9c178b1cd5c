import { instanceSize } from "../../../config/schema/instance-size";

const GIB = 1024;

/** Source: "Hardware specifications for DB instance classes", Amazon RDS User Guide, for db.t3 and db.t4g. */
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
  const [, type = "", burstable] = /^db\.(t\d[a-z]*\.([a-z0-9]+)|.*)$/.exec(instanceClass) ?? [];
  if (burstable === undefined) return instanceSize(type)?.memoryMiB;
  const gib = BURSTABLE_GIB[burstable];
  return gib === undefined ? undefined : gib * GIB;
}

export interface InstanceSize {
  readonly cpus: number;
  readonly memoryMiB: number;
}

/**
 * GiB of memory per virtual CPU, by the family letter of an instance type. Burstable types follow no such rule.
 * Source: "Hardware specifications for DB instance classes", Amazon RDS User Guide; EC2's types of the same name are the same.
 */
const GIB_PER_CPU: Readonly<Record<string, number>> = { m: 4, r: 8, x: 16 };

/** What an EC2 instance type has, for example 8 virtual CPUs and 65536 MiB of `r5.2xlarge`; `undefined` for one that is not known. */
export function instanceSize(instanceType: string): InstanceSize | undefined {
  const [, family = "", size = ""] = /^([a-z])\d[a-z]*\.([a-z0-9]+)$/.exec(instanceType) ?? [];
  const gibPerCpu = GIB_PER_CPU[family];
  const cpus = virtualCpus(size);
  return gibPerCpu === undefined || cpus === undefined ? undefined : { cpus, memoryMiB: cpus * gibPerCpu * 1024 };
}

function virtualCpus(size: string): number | undefined {
  if (size === "large") return 2;
  const match = /^(\d*)xlarge$/.exec(size);
  return match === null ? undefined : 4 * Number(match[1] === "" ? 1 : match[1]);
}

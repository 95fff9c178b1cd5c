import { select } from "../promql";
import type { AlertGroup } from "./alert";

/** The setup guide's thresholds, percent. */
const CPU_PERCENT = 80;
const MEMORY_PERCENT = 85;

const idle = select("node_cpu_seconds_total", { mode: "idle" });

export const nodeAlerts: AlertGroup = {
  name: "nodes",
  alerts: [
    {
      name: "HighCPUUsage",
      expression: `100 - avg by (instance) (rate(${idle}[5m])) * 100 > ${CPU_PERCENT}`,
      forMinutes: 5,
      severity: "warning",
      summary: "The processors of {{ $labels.instance }} are {{ $value | humanize }} % busy",
    },
    {
      name: "HighMemoryUsage",
      expression: `(1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) * 100 > ${MEMORY_PERCENT}`,
      forMinutes: 5,
      severity: "warning",
      summary: "The memory of {{ $labels.instance }} is {{ $value | humanize }} % in use",
    },
  ],
};

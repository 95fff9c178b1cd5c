/** The monitoring processes that the firewall, the load balancer and the charts must agree on. */
export const monitoringServices = {
  prometheus: { name: "prometheus", port: 9090 },
  grafana: { name: "grafana", port: 3000 },
  /** Takes traces, OTLP over HTTP. */
  jaeger: { name: "jaeger", port: 4318 },
} as const;

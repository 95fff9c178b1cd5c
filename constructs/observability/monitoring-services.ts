/** The monitoring processes that the firewall, the load balancer and the charts must agree on. */
export const monitoringServices = {
  prometheus: { name: "prometheus", port: 9090 },
  grafana: { name: "grafana", port: 3000 },
} as const;

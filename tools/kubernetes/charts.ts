/** The charts whose values tests compare with what was recorded of them. */
export const CHARTS = [
  "aws-load-balancer-controller",
  "cert-manager",
  "cluster-autoscaler",
  "external-secrets",
  "jaeger",
  "kube-prometheus-stack",
  "metrics-server",
] as const;

/**
 * What a TargetGroupBinding may say, of the fields that this project uses: no package describes the kind. Source:
 * kubernetes-sigs/aws-load-balancer-controller, config/crd/bases/elbv2.k8s.aws_targetgroupbindings.yaml, v1beta1.
 */
export const targetGroupBindingSpec = {
  type: "object",
  required: ["serviceRef", "targetGroupARN"],
  properties: {
    serviceRef: {
      type: "object",
      required: ["name", "port"],
      properties: { name: { type: "string" }, port: { "x-kubernetes-int-or-string": true } },
    },
    targetGroupARN: { type: "string" },
    targetType: { type: "string", enum: ["instance", "ip"] },
  },
} as const;

import type { CustomObject } from "./custom-objects";

export interface TargetGroupBindingProps {
  readonly name: string;
  readonly namespace: string;
  /** The Service whose pods become targets, in the same namespace. */
  readonly service: { readonly name: string; readonly port: number };
  readonly targetGroupArn: string;
}

/**
 * Keeps a target group that Terraform declares filled with the addresses of a Service's pods. It opens no network:
 * security groups are the network's, so there is no `networking`.
 */
export class TargetGroupBinding implements CustomObject {
  readonly apiVersion = "elbv2.k8s.aws/v1beta1";
  readonly kind = "TargetGroupBinding";
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly serviceRef: { readonly name: string; readonly port: number };
    readonly targetGroupARN: string;
    readonly targetType: "ip";
  };

  constructor({ name, namespace, service, targetGroupArn }: TargetGroupBindingProps) {
    this.metadata = { name, namespace };
    this.spec = { serviceRef: service, targetGroupARN: targetGroupArn, targetType: "ip" };
  }
}

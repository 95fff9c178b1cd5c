import type { ReleaseState } from "../../config/schema/release-state";

/** Emulated AWS as a person at a terminal changes it, beside Terraform. */
export class Operator {
  constructor(
    private readonly endpoint: string,
    private readonly accountId: string,
  ) {}

  /** Gives colours their shares of every rule that forwards to both of a service's target groups. */
  async setWeights(listenerArn: string, weights: ReleaseState["weights"]): Promise<number> {
    const xml = await this.elasticLoadBalancing({ Action: "DescribeRules", ListenerArn: listenerArn });
    const rules = xml.split("<RuleArn>").slice(1);
    const weighted = rules.filter((rule) => rule.includes("-blue/") && rule.includes("-green/"));
    for (const rule of weighted) {
      const arns = [...rule.matchAll(/<TargetGroupArn>([^<]+)</g)].map(([, arn = ""]) => arn);
      const of = (colour: string) => arns.find((arn) => arn.includes(`-${colour}/`)) ?? "";
      await this.elasticLoadBalancing({
        Action: "ModifyRule",
        RuleArn: rule.slice(0, rule.indexOf("<")),
        "Actions.member.1.Type": "forward",
        "Actions.member.1.Order": "1",
        "Actions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn": of("blue"),
        "Actions.member.1.ForwardConfig.TargetGroups.member.1.Weight": String(weights.blue),
        "Actions.member.1.ForwardConfig.TargetGroups.member.2.TargetGroupArn": of("green"),
        "Actions.member.1.ForwardConfig.TargetGroups.member.2.Weight": String(weights.green),
      });
    }
    return weighted.length;
  }

  async putParameter(name: string, value: string): Promise<void> {
    await this.json("ssm", "AmazonSSM.PutParameter", { Name: name, Value: value, Type: "String", Overwrite: true });
  }

  async parameter(name: string): Promise<string> {
    const answer = await this.json("ssm", "AmazonSSM.GetParameter", { Name: name });
    return (JSON.parse(answer) as { Parameter: { Value: string } }).Parameter.Value;
  }

  private elasticLoadBalancing(parameters: Record<string, string>): Promise<string> {
    const body = new URLSearchParams({ ...parameters, Version: "2015-12-01" }).toString();
    return this.call("elasticloadbalancing", { "content-type": "application/x-www-form-urlencoded" }, body);
  }

  private json(service: string, target: string, body: object): Promise<string> {
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
    return this.call(service, headers, JSON.stringify(body));
  }

  /** The emulator reads account and service from the signature and does not check it. */
  private async call(service: string, headers: Record<string, string>, body: string): Promise<string> {
    const scope = `${this.accountId}/20260101/us-east-1/${service}/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
    const response = await fetch(this.endpoint, { method: "POST", headers: { ...headers, authorization }, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${service} answered ${response.status}: ${text}`);
    return text;
  }
}

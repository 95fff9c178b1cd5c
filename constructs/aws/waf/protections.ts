import { actuator } from "../../../app/packages/contract/services";
import type { Rule } from "./rule";
import type { Statement } from "./statement";

/** Window of the guide's rate rule. */
const FIVE_MINUTES_SECONDS = 300;

/**
 * Sign-in attempts from one address in five minutes. The application allows 10 a minute to a user and an address;
 * this is the fence in front of it, wide enough for an office behind one address.
 */
const SIGN_INS_PER_FIVE_MINUTES = 100;

/** Bytes of a body that AWS WAF looks into on a load balancer; it cannot be raised there. */
export const INSPECTED_BODY_BYTES = 8 * 1024;

/** Undoes what hides a path from a comparison: letters in two cases, `%61` for `a` and `%2561` for that, `/./`. */
const plainPath = ["URL_DECODE", "URL_DECODE", "NORMALIZE_PATH", "LOWERCASE"] as const;

/** What a request says. Holds wherever the ACL stands. */
export const contentRules: readonly Rule[] = [
  {
    name: "ActuatorRule",
    looksFor: { kind: "text", text: { in: "path", text: actuator.prefix, position: "CONTAINS", after: plainPath } },
    answers: 404,
  },
  {
    // Takes the place of the common set's SizeRestrictions_BODY, to answer with what is wrong.
    name: "BodySizeRule",
    looksFor: { kind: "size", size: { of: "body", is: "GT", bytes: INSPECTED_BODY_BYTES } },
    answers: 413,
  },
  { name: "KnownBadInputsRule", looksFor: managed("AWSManagedRulesKnownBadInputsRuleSet") },
  {
    name: "CommonRule",
    // Client programs seldom name themselves: WebSocket libraries send no User-Agent.
    looksFor: managed("AWSManagedRulesCommonRuleSet", ["SizeRestrictions_BODY", "NoUserAgent_HEADER"]),
  },
  { name: "SQLInjectionRule", looksFor: managed("AWSManagedRulesSQLiRuleSet") },
];

export interface AddressRulesProps {
  /** Requests from one address in five minutes. */
  readonly requestsPerFiveMinutes: number;
  /** ARN of the set of the administrators' networks. */
  readonly administratorsArn: string;
  /** Host that administrators alone may call. */
  readonly monitorHost: string;
  /** Header that administrators alone may send. */
  readonly colourHeader: string;
}

/**
 * Who sends a request. Holds only where the ACL sees the client's own address: not on a load balancer behind
 * CloudFront, which sees CloudFront's.
 */
export function addressRules(props: AddressRulesProps): readonly Rule[] {
  return [
    {
      name: "AdministratorsRule",
      looksFor: {
        kind: "and",
        statements: [
          {
            kind: "or",
            statements: [
              {
                kind: "text",
                text: {
                  in: { header: "host" },
                  text: props.monitorHost,
                  position: "STARTS_WITH",
                  after: ["LOWERCASE"],
                },
              },
              { kind: "size", size: { of: { header: props.colourHeader }, is: "GE", bytes: 0 } },
            ],
          },
          { kind: "not", statement: { kind: "addresses", setArn: props.administratorsArn } },
        ],
      },
    },
    {
      name: "RateLimitRule",
      looksFor: {
        kind: "rate",
        rate: { requests: props.requestsPerFiveMinutes, windowSeconds: FIVE_MINUTES_SECONDS },
      },
      answers: 429,
    },
    {
      name: "SignInRateLimitRule",
      looksFor: {
        kind: "rate",
        rate: {
          requests: SIGN_INS_PER_FIVE_MINUTES,
          windowSeconds: FIVE_MINUTES_SECONDS,
          of: { kind: "text", text: { in: "path", text: "/api/auth/", position: "CONTAINS", after: plainPath } },
        },
      },
      answers: 429,
    },
    { name: "IpReputationRule", looksFor: managed("AWSManagedRulesAmazonIpReputationList") },
  ];
}

function managed(name: string, counted?: readonly string[]): Statement {
  return { kind: "managed", group: counted === undefined ? { name } : { name, counted } };
}

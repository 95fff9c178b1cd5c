import { z } from "zod";
import { cidrProblem } from "./addresses";
import { DAY_MINUTES, windowMinutes } from "./windows";

/** A guarded default that an environment turns off on purpose, with the reason that the plan will show. */
export const optOut = z.strictObject({
  reason: z.string().min(15, "is too short a reason; say in a sentence why, it appears in the synthesized output"),
});
export type OptOut = z.infer<typeof optOut>;

/**
 * IPv4 network in CIDR notation whose address is the network's own, for example `10.0.1.0/24`.
 * `further` says what else is wrong with a network, or `undefined`.
 */
export const cidrWhere = (further: (network: string) => string | undefined) =>
  z.string().superRefine((value, context) => {
    const message = cidrProblem(value) ?? further(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

export const cidr = cidrWhere(() => undefined);

const time = "([01]\\d|2[0-3]):[0-5]\\d";
const weekday = "(mon|tue|wed|thu|fri|sat|sun)";

/** Daily window in UTC, `hh:mm-hh:mm`, that is not shorter than AWS accepts. */
export const dailyWindow = (minimumMinutes: number) =>
  window(new RegExp(`^${time}-${time}$`), "hh:mm-hh:mm in UTC", minimumMinutes);

/** Weekly window in UTC, `ddd:hh:mm-ddd:hh:mm` in lower case, of at most a day and not shorter than AWS accepts. */
export const weeklyWindow = (minimumMinutes: number) =>
  window(
    new RegExp(`^${weekday}:${time}-${weekday}:${time}$`),
    "ddd:hh:mm-ddd:hh:mm in UTC, for example sun:04:00-sun:05:00",
    minimumMinutes,
  );

function window(format: RegExp, hint: string, minimumMinutes: number) {
  return z.string().superRefine((value, context) => {
    const report = (message: string) => {
      context.addIssue({ code: "custom", message });
    };
    if (!format.test(value)) {
      report(`is not a window; use ${hint}`);
      return;
    }
    const minutes = windowMinutes(value);
    if (minutes < minimumMinutes) report(`lasts ${minutes} minutes; use at least ${minimumMinutes}`);
    if (minutes > DAY_MINUTES) report(`lasts ${minutes} minutes; use at most ${DAY_MINUTES}`);
  });
}

/** Host or domain name in lower case, without a trailing dot. */
export const hostName = z
  .string()
  .regex(
    /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    "is not a host name; use lower-case labels and a domain, for example api.bist-trading.com",
  );

/** A container image, with the tag or the digest that says which one it is. */
export const imageReference = z.string().superRefine((value, context) => {
  const message = imageProblem(value);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

function imageProblem(image: string): string | undefined {
  if (image.includes("@")) {
    return /^[^@]+@sha256:[0-9a-f]{64}$/.test(image)
      ? undefined
      : "has a malformed digest; use @sha256: and 64 lower-case hexadecimal digits";
  }
  const [, tag] = /^[^:]+(?::\d+\/[^:]+)?:([^:/]*)$/.exec(image) ?? [];
  if (tag === undefined) return "names no tag and no digest; use for example registry.example.com/app:1.4.2";
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(tag)) {
    return "has a malformed tag; use letters, digits, dots, hyphens and underscores";
  }
  return tag === "latest" ? "names the tag latest, which moves; use a tag that does not, or a digest" : undefined;
}

export const days = z.int().min(1).max(3653);

/** Days that CloudWatch keeps a log group's events; it takes no others. */
const cloudWatchDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export const logRetentionDays = z
  .int()
  .refine((value) => cloudWatchDays.includes(value), { error: `is not one of ${cloudWatchDays.join(", ")}` });

export const port = z.int().min(1).max(65535);

export const arn = z.string().regex(/^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:.+$/, "is not an ARN");

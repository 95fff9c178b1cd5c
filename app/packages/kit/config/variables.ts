import { z } from "zod";
import type { VariableMeta } from "./read";

/** The kinds of variables that configuration is made of. Each says what would be right when it is not. */
const variable = <T extends z.ZodType>(schema: T, meta: VariableMeta): T => schema.meta({ ...meta });

/** Ends a variable with what it is when nothing is set. */
export const otherwise = <T>(schema: z.ZodType<T>, value: T) =>
  variable(
    schema.optional().transform((found) => found ?? value),
    (schema.meta() ?? {}) as VariableMeta,
  );

/** Makes a variable optional. */
export const maybe = <T>(schema: z.ZodType<T>) => variable(schema.optional(), (schema.meta() ?? {}) as VariableMeta);

export const text = (expected = "some text") => variable(z.string().min(1), { expected });

/** A value that no message and no log repeats. @param minimum least number of characters */
export const secret = (expected: string, minimum = 1) => variable(z.string().min(minimum), { expected, secret: true });

export const whole = (from: number, to: number, unit = "") =>
  variable(
    z
      .string()
      .regex(/^\d+$/)
      .transform(Number)
      .refine((value) => value >= from && value <= to),
    { expected: `a whole number from ${from} to ${to}${unit === "" ? "" : ` ${unit}`}` },
  );

export const flag = () =>
  variable(
    z.enum(["true", "false"]).transform((value) => value === "true"),
    { expected: "true or false" },
  );

export const oneOf = <const T extends readonly [string, ...string[]]>(...values: T) =>
  variable(z.enum(values), { expected: `one of ${values.join(", ")}` });

export const url = (...protocols: readonly string[]) =>
  variable(
    z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol.replace(":", ""))),
    { expected: `a URL that starts with ${protocols.map((protocol) => `${protocol}://`).join(" or ")}` },
  );

/** Comma-separated values. */
export const list = (expected: string, item: z.ZodType<string, string> = z.string().min(1)) =>
  variable(
    z
      .string()
      .transform((value) =>
        value
          .split(",")
          .map((part) => part.trim())
          .filter((part) => part !== ""),
      )
      .pipe(z.array(item)),
    { expected },
  );

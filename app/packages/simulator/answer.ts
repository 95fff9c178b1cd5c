import { asText, fieldsOf } from "../algolab/envelope";
import type { TurnedAway } from "./gate";
import { Refusal } from "./exchange";
import type { Habits } from "./habits";

/** What the broker answers, before its fields are named. */
export interface Answer {
  readonly success: boolean;
  readonly message: string;
  readonly content: unknown;
}

/** A call that is answered with another status than 200. */
export class Status extends Error {
  constructor(readonly turnedAway: TurnedAway) {
    super(turnedAway.message);
  }
}

export function succeeded(content: unknown, message = ""): Answer {
  return { success: true, message, content };
}

export function failed(message: string): Answer {
  return { success: false, message, content: null };
}

/** ModifyOrder and DeleteOrder say one word, twice. */
export function acknowledged(word: string, { acknowledgedIn, acknowledgementContent }: Habits): Answer {
  const inContent = acknowledgedIn === "message" ? "" : word;
  return {
    success: true,
    message: acknowledgedIn === "content" ? "" : word,
    content: acknowledgementContent === "text" ? inContent : { message: inContent, duration: "-" },
  };
}

/** Refuses in the place that a habit says. @throws what is no refusal */
export function refused(error: unknown, how: Habits["orderRefusal"], content: (text: string) => unknown): Answer {
  if (!(error instanceof Refusal)) throw error;
  switch (how) {
    case "trueContent":
      return succeeded(content(error.message));
    case "trueMessage":
      return succeeded(content(""), error.message);
    default:
      return failed(error.message);
  }
}

/** @returns the fields as they go over the wire */
export function envelope({ success, message, content }: Answer, { envelopeNames }: Habits): object {
  return envelopeNames === "PascalCase"
    ? { Success: success, Message: message, Content: content }
    : { success, message, content };
}

/** Fields of a request body, whatever the case of their names. */
export function fieldReader(body: unknown): (name: string) => string {
  const fields = fieldsOf(body);
  return (name) => asText(fields?.get(name));
}

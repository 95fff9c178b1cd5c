import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { faultKinds } from "./faults";
import { answerJson, bodyOf } from "./http";
import type { Faults } from "./faults";
import type { Sessions } from "./sessions";

const faultRule = z.strictObject({
  at: z.string(),
  kind: z.enum(faultKinds),
  customer: z.string().optional(),
  times: z.int().positive().optional(),
  delayMs: z.int().nonnegative().optional(),
});

/** What the side door steers. */
export interface Administered {
  readonly faults: Faults;
  readonly sessions: Sessions;
  /** The last SMS code of a customer. */
  smsCode(customer: string): string | undefined;
  /** Lets the market trade so many times. */
  advance(trades: number): void;
}

/**
 * The simulator's own side door, which the broker does not have:
 * - `GET /simulator/sms/<customer>` the last SMS code
 * - `GET | POST | DELETE /simulator/faults` the script of faults
 * - `POST /simulator/advance/<trades>` lets the market trade
 * - `POST /simulator/expire` ends every session
 */
export async function admin(
  simulator: Administered,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, , what = "", argument = ""] = (request.url ?? "").split("?")[0]?.split("/") ?? [];
  switch (`${request.method ?? ""} ${what}`) {
    case "GET sms": {
      const code = simulator.smsCode(decodeURIComponent(argument));
      answerJson(response, code === undefined ? 404 : 200, { code });
      return;
    }
    case "GET faults":
      answerJson(response, 200, simulator.faults.rules);
      return;
    case "POST faults": {
      const rule = faultRule.safeParse(JSON.parse(await bodyOf(request)));
      if (rule.success) simulator.faults.add(rule.data);
      answerJson(response, rule.success ? 201 : 400, rule.success ? rule.data : { errors: z.treeifyError(rule.error) });
      return;
    }
    case "DELETE faults":
      simulator.faults.clear();
      answerJson(response, 200, []);
      return;
    case "POST advance":
      simulator.advance(Number.parseInt(argument, 10) || 1);
      answerJson(response, 200, {});
      return;
    case "POST expire":
      simulator.sessions.expire();
      answerJson(response, 200, {});
      return;
    default:
      answerJson(response, 404, { message: "the simulator has sms, faults, advance and expire" });
  }
}

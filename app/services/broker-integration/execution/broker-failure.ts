import type { AlgolabError } from "../../../packages/algolab/errors";
import type { Reason } from "../domain/reason";
import { leaseLost } from "./account-context";
import type { AccountContext } from "./account-context";

/** Whether the broker may have carried out the call all the same. */
export const mayHaveArrived = ({ failure }: AlgolabError): boolean =>
  failure === "UNOBSERVED" || failure === "UNREADABLE" || failure === "TOO_FREQUENT";

/** Whether the broker answered: the same call would be answered alike. */
export const isAnswer = ({ failure }: AlgolabError): boolean =>
  failure === "REFUSED" || failure === "UNREADABLE" || failure === "SESSION_EXPIRED";

/** Why a call failed, for the owner of its order. */
export function reasonOf({ failure, message }: AlgolabError, { leases, account }: AccountContext): Reason {
  switch (failure) {
    case "REFUSED":
      return { code: "BROKER_REFUSED", detail: message };
    case "NOT_SENT":
      return leases.holds(account.accountId)
        ? { code: "NOT_SENT", detail: "the broker could not be reached" }
        : leaseLost;
    case "SESSION_EXPIRED":
      return { code: "BROKER_SESSION_EXPIRED", detail: "the broker answered that the session is not valid" };
    case "UNREADABLE":
      return { code: "ANSWER_NOT_READ", detail: message };
    case "UNOBSERVED":
    case "TOO_FREQUENT":
      return { code: "ANSWER_NOT_SEEN", detail: message };
  }
}

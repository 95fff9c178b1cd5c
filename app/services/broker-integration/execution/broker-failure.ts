import type { AlgolabError } from "../../../packages/algolab/errors";
import type { Reason } from "../domain/reason";

/** Whether the broker may have carried out the call all the same. */
export const mayHaveArrived = ({ failure }: AlgolabError): boolean =>
  failure === "UNOBSERVED" || failure === "UNREADABLE" || failure === "TOO_FREQUENT";

/** Why a call failed, for the owner of its order. */
export function reasonOf({ failure, message }: AlgolabError): Reason {
  switch (failure) {
    case "REFUSED":
      return { code: "BROKER_REFUSED", detail: message };
    case "NOT_SENT":
      return { code: "NOT_SENT", detail: "the broker could not be reached" };
    case "SESSION_EXPIRED":
      return { code: "BROKER_SESSION_EXPIRED", detail: "the session at the broker had ended" };
    case "UNREADABLE":
      return { code: "ANSWER_NOT_READ", detail: message };
    case "UNOBSERVED":
    case "TOO_FREQUENT":
      return { code: "ANSWER_NOT_SEEN", detail: message };
  }
}

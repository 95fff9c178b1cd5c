import { Problem } from "./api";
import type { Api } from "./api";
import { byId, element, fieldsOf, onSubmit, within } from "./dom";
import type { BrokerStatus } from "./types";

const path = "/trading/api/v1/broker/auth";
const smsPatienceMs = 3_000;
/** How often the page looks whether the broker has listed the sub-account that the login named. */
const lookAgainMs = 2_000;

/** The two steps of a login at the broker: number and password, then the code of the SMS. */
export class BrokerLogin {
  private readonly form = byId("broker", HTMLFormElement);
  private readonly choice = byId("sub-account", HTMLFormElement);
  private awaitsCode = false;
  private again: number | undefined;

  constructor(
    private readonly api: Api,
    private readonly onState: (loggedIn: boolean) => void,
  ) {
    onSubmit(this.form, () => (this.awaitsCode ? this.confirm() : this.start()));
    onSubmit(this.choice, () => this.choose());
  }

  /** Asks whether there is a session, and shows the form when there is none. */
  async refresh(): Promise<void> {
    const status = await this.api.call<BrokerStatus>("GET", `${path}/status`);
    const { state, subAccount, subAccountProblem } = status;
    const loggedIn = state === "LOGGED_IN";
    const awaitsChoice = state === "AWAITING_SUB_ACCOUNT";
    this.form.hidden = loggedIn || awaitsChoice;
    this.choice.hidden = true;
    byId("sub-account-wanted").textContent = awaitsChoice ? wantedText(status) : "";
    if (!this.form.hidden) this.step(false);
    this.onState(loggedIn);
    if (awaitsChoice && !subAccountProblem) {
      this.again = window.setTimeout(() => void this.refresh().catch(() => undefined), lookAgainMs);
    } else if (this.form.hidden && typeof subAccount === "string") {
      await this.offer(subAccount, awaitsChoice);
    }
  }

  /** Forgets what was typed and shown. */
  clear(): void {
    clearTimeout(this.again);
    this.form.reset();
    this.form.hidden = true;
    this.step(false);
    byId("sms-hint").textContent = "";
    byId("sub-account-wanted").textContent = "";
    this.choice.reset();
    this.choice.hidden = true;
    within(this.choice, "select").replaceChildren();
  }

  /** Lets one of several sub-accounts be chosen. @param must also where there is one: no order is taken before */
  private async offer(chosen: string, must: boolean): Promise<void> {
    const { subAccounts } = await this.api.call<{ subAccounts: readonly { readonly number: string }[] }>(
      "GET",
      "/trading/api/v1/broker/sub-accounts",
    );
    const options = subAccounts.map(({ number }) => element("option", { value: number }, number));
    const known = options.find(({ value }) => value === chosen);
    if (known) known.selected = true;
    within(this.choice, "select").replaceChildren(...options);
    this.choice.hidden = options.length < 2 && !must;
  }

  private async choose(): Promise<void> {
    await this.api.call("PUT", "/trading/api/v1/broker/sub-account", { body: fieldsOf(this.choice) });
    await this.refresh();
  }

  private async start(): Promise<void> {
    const { username = "", password, apiKey, subAccount } = fieldsOf(this.form);
    // Market data is read over the session of an administrator: on a machine of one's own there may be no other.
    const { roles } = await this.api.call<{ readonly roles: readonly string[] }>("GET", "/user/api/v1/auth/validate");
    const feedsMarketData = roles.includes("ADMIN");
    const given = Object.entries({ apiKey, subAccount, feedsMarketData }).filter(([, value]) => value);
    const body = { username, password, ...Object.fromEntries(given) };
    await this.api.call("POST", `${path}/login`, { body });
    this.step(true);
    byId("sms-hint").textContent = await simulatedSms(username);
  }

  private async confirm(): Promise<void> {
    const { code } = fieldsOf(this.form);
    try {
      await this.api.call("POST", `${path}/verify-otp`, { body: { code } });
    } catch (error) {
      // The broker takes each login's code once, right or wrong. One that it did not judge may be entered again.
      if (isJudged(error)) this.step(false);
      throw error;
    }
    this.form.reset();
    await this.refresh();
  }

  private step(awaitsCode: boolean): void {
    this.awaitsCode = awaitsCode;
    for (const [step, shown] of [
      ["login", !awaitsCode],
      ["code", awaitsCode],
    ] as const) {
      const part = within(this.form, `[data-step="${step}"]`);
      part.hidden = !shown;
      for (const input of part.querySelectorAll<HTMLInputElement>("input:not([data-optional])")) input.required = shown;
    }
    within(this.form, 'button[type="submit"]').textContent = awaitsCode ? "Confirm" : "Log in at the broker";
    within(this.form, awaitsCode ? '[name="code"]' : '[name="username"]', HTMLInputElement).focus();
  }
}

/** Why no order is taken though there is a session. */
function wantedText({ wantedSubAccount, subAccountProblem }: BrokerStatus): string {
  const name = `Sub-account ${wantedSubAccount ?? ""}`;
  switch (subAccountProblem) {
    case "UNKNOWN_SUB_ACCOUNT":
      return `${name} is not one that the broker lists. Choose one to trade.`;
    case "SUB_ACCOUNT_HAS_ORDERS":
      return `${name} cannot be chosen while orders of the one before are open. Choose one to trade.`;
    default:
      return `${name} is being looked up at the broker. Trading begins when it is found.`;
  }
}

/** Whether a code was judged; not where too many calls came, a service or the broker did not answer, or the network. */
const isJudged = (error: unknown): boolean => error instanceof Problem && error.status < 500 && error.status !== 429;

/** On one machine the broker is a simulator, which returns the code that it sent; elsewhere a telephone shows it. */
async function simulatedSms(customer: string): Promise<string> {
  try {
    const response = await fetch(`/simulator/sms/${encodeURIComponent(customer)}`, {
      signal: AbortSignal.timeout(smsPatienceMs),
    });
    const { code } = (await response.json()) as { code?: string };
    return code === undefined ? "" : `The simulated broker sent ${code}.`;
  } catch {
    return "";
  }
}

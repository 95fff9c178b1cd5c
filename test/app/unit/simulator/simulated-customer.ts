import { AlgolabLogin, AlgolabSession } from "../../../../app/packages/algolab/client";
import { checker } from "../../../../app/packages/algolab/crypto";
import { Simulator } from "../../../../app/packages/simulator/simulator";
import type { SimulatorOptions } from "../../../../app/packages/simulator/simulator";
import { testApiKey } from "../../../../app/packages/simulator/test-key";

/** Somebody who is logged in at a simulator that stands still, and sees its answers as they are on the wire. */
export class SimulatedCustomer {
  private constructor(
    readonly simulator: Simulator,
    readonly name: string,
    readonly apiKey: string,
    readonly hash: string,
  ) {}

  static async start(options: Partial<SimulatorOptions> = {}): Promise<SimulatedCustomer> {
    const simulator = await Simulator.start({ apiKey: testApiKey, tradesPerSecond: 0, rateIntervalMs: 0, ...options });
    return SimulatedCustomer.logIn(simulator, "1001");
  }

  static async logIn(simulator: Simulator, name: string, apiKey = testApiKey): Promise<SimulatedCustomer> {
    const login = new AlgolabLogin({ baseUrl: simulator.url, apiKey });
    const token = await login.start(name, "a password");
    const hash = await login.confirm(token, simulator.smsCode(name) ?? "");
    return new SimulatedCustomer(simulator, name, apiKey, hash);
  }

  get session(): AlgolabSession {
    return new AlgolabSession({ baseUrl: this.simulator.url, apiKey: this.apiKey, timeoutMs: 2_000 }, this.hash);
  }

  /** @returns the answer's JSON */
  async ask(endpoint: string, body: object): Promise<unknown> {
    return (await this.call(endpoint, body)).json();
  }

  async status(endpoint: string, body: object, apiKey = this.apiKey): Promise<number> {
    return (await this.call(endpoint, body, apiKey)).status;
  }

  private call(endpoint: string, body: object, apiKey = this.apiKey): Promise<Response> {
    const text = JSON.stringify(body);
    const path = `/api/${endpoint}`;
    const headers = {
      APIKEY: apiKey,
      Authorization: this.hash,
      Checker: checker(apiKey, path, text === "{}" ? "" : text),
    };
    return fetch(`${this.simulator.url}/api${path}`, { method: "POST", headers, body: text });
  }

  stop(): Promise<void> {
    return this.simulator.close();
  }
}

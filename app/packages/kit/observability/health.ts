/** What a service needs, and whether it is there. */
export interface HealthCheck {
  /** Name as the readiness answer shows it. */
  readonly name: string;
  /** A missing one makes the service not ready; any other is reported only. */
  readonly required: boolean;
  /** Resolves when all is well. @throws with the reason when it is not */
  readonly check: () => Promise<unknown>;
}

export interface Health {
  readonly status: "UP" | "DOWN";
  readonly components: Readonly<Record<string, { readonly status: "UP" | "DOWN"; readonly required: boolean }>>;
}

const patienceMs = 2_000;

/** Readiness of a service: the sum of its checks, and "no" once it drains. */
export class HealthChecks {
  private readonly checks: HealthCheck[] = [];
  private draining = false;

  add(check: HealthCheck): void {
    this.checks.push(check);
  }

  /** From now on the service is not ready, whatever the checks say. */
  drain(): void {
    this.draining = true;
  }

  async readiness(): Promise<Health> {
    const states = await Promise.all(
      this.checks.map(async ({ name, required, check }) => ({ name, required, up: await isUp(check) })),
    );
    const ready = !this.draining && states.every(({ required, up }) => up || !required);
    return {
      status: ready ? "UP" : "DOWN",
      components: Object.fromEntries(
        states.map(({ name, required, up }) => [name, { status: up ? "UP" : "DOWN", required }]),
      ),
    };
  }
}

async function isUp(check: HealthCheck["check"]): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      resolve(false);
    }, patienceMs);
  });
  try {
    return await Promise.race([check().then(() => true), tooLate]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

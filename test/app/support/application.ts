import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApplication } from "../../../local/app/application";
import type { Application, ApplicationOptions } from "../../../local/app/application";

/** The whole application as `npm run app` starts it, on free ports, with data of its own that ends with it. */
export async function startTestApplication(
  variables: ApplicationOptions["environment"] = {},
): Promise<Application & { readonly folder: string }> {
  // Outside of the project, as a user's folder can be.
  const folder = mkdtempSync(join(tmpdir(), "test-application-"));
  // As root PostgreSQL runs as a user of its own.
  chmodSync(folder, 0o755);
  const forget = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  // What a developer's own shell says about databases is not for tests.
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(DATABASE_URL|REDIS_|DB_|SIMULATOR_|ALGOLAB_)/.test(name)),
  );
  try {
    const application = await startApplication({
      folder,
      ports: { page: 0, userManagement: 0, marketData: 0, brokerIntegration: 0 },
      environment: { ...environment, ...variables },
      tell: () => undefined,
    });
    const stop = async () => {
      await application.stop();
      forget();
    };
    return { ...application, folder, stop };
  } catch (error) {
    forget();
    throw error;
  }
}

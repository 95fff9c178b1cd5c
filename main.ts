import { App } from "cdktf";
import { ConfigurationError, selectEnvironments } from "./config";
import { enforcePolicy } from "./policy/enforce";
import { environmentStacks } from "./stacks/environment-stacks";

try {
  const environments = selectEnvironments(process.env["ENVIRONMENTS"]);
  const app = new App();
  for (const environment of environments) environmentStacks(app, environment);
  enforcePolicy(app);
  app.synth();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  // Its message is for an operator; a stack trace would only bury it.
  console.error(error.message);
  process.exitCode = 1;
}

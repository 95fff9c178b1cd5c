import { App } from "cdktf";
import { selectEnvironments } from "./config";
import { platform } from "./stacks/platform";

const app = new App();
for (const environment of selectEnvironments(process.env["ENVIRONMENTS"])) platform(app, environment);
app.synth();

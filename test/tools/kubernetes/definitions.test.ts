import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { definitionFiles, DEFINITIONS_FOLDER } from "../../../tools/kubernetes/definitions";

const root = join(__dirname, "../../..");

interface Schema {
  readonly required?: readonly string[];
  readonly properties: Readonly<Record<string, Schema & Readonly<Record<string, unknown>>>>;
}
interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly versions: readonly [{ readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }];
  };
}

describe("the definitions of custom kinds", () => {
  const made = definitionFiles(root);
  const spec = (name: string): Schema => {
    const definition = JSON.parse(made[`${DEFINITIONS_FOLDER}/${name}.json`] ?? "{}") as Definition;
    const found = definition.spec.versions[0].schema.openAPIV3Schema.properties["spec"];
    if (found === undefined) throw new Error(`${name} has no spec`);
    return found;
  };

  test("are those of the chart, which `npm run kubernetes:definitions` writes", () => {
    const files = readdirSync(join(root, DEFINITIONS_FOLDER)).map((file) => `${DEFINITIONS_FOLDER}/${file}`);
    expect(files.sort()).toEqual(Object.keys(made).sort());
    for (const file of files) expect([file, readFileSync(join(root, file), "utf8")]).toEqual([file, made[file]]);
  });

  test("hold nothing that Helm would take for a template", () => {
    for (const [file, text] of Object.entries(made)) expect([file, text.includes("{{")]).toEqual([file, false]);
  });

  test("ask for what the kind cannot do without", () => {
    expect(spec("certificates.cert-manager.io").required).toEqual(["issuerRef", "secretName"]);
    expect(spec("secretstores.external-secrets.io").required).toEqual(["provider"]);
    expect(spec("targetgroupbindings.elbv2.k8s.aws").required).toEqual(["serviceRef", "targetGroupARN"]);
  });

  test("know a field's type: text, choice, list, either number or text", () => {
    const monitor = spec("servicemonitors.monitoring.coreos.com").properties;
    expect(monitor["jobLabel"]).toEqual({ type: "string" });
    expect(monitor["endpoints"]).toMatchObject({
      type: "array",
      items: { properties: { targetPort: { "x-kubernetes-int-or-string": true }, honorLabels: { type: "boolean" } } },
    });
    expect(spec("externalsecrets.external-secrets.io").properties["target"]).toMatchObject({
      properties: { creationPolicy: { type: "string", enum: ["Merge", "None", "Orphan", "Owner"] } },
    });
  });
});

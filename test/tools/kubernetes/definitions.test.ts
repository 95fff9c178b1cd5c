import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { definitionFiles, DEFINITIONS_FOLDER, filesOf } from "../../../tools/kubernetes/definitions";
import { modulesMissing, publishedDefinitions, publishedNames } from "../../../tools/kubernetes/published-definitions";
import { describeWhere } from "../../support/skip";

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
  const typed = definitionFiles(root);
  const onDisk = (path: string) => readFileSync(join(root, path), "utf8");
  const published = Object.keys(filesOf(Object.fromEntries(publishedNames.map((name) => [name, {}]))));
  const made = { ...typed, ...Object.fromEntries(published.map((path) => [path, onDisk(path)])) };
  const spec = (name: string): Schema => {
    const definition = JSON.parse(made[`${DEFINITIONS_FOLDER}/${name}.json`] ?? "{}") as Definition;
    const found = definition.spec.versions[0].schema.openAPIV3Schema.properties["spec"];
    if (found === undefined) throw new Error(`${name} has no spec`);
    return found;
  };

  test("are those of the chart, which `npm run kubernetes:definitions` writes", () => {
    const files = readdirSync(join(root, DEFINITIONS_FOLDER)).map((file) => `${DEFINITIONS_FOLDER}/${file}`);
    expect(files.sort()).toEqual(Object.keys(made).sort());
    for (const [file, text] of Object.entries(typed)) expect([file, onDisk(file)]).toEqual([file, text]);
  });

  describeWhere(modulesMissing(), "of CloudNativePG and its plugin", () => {
    test("are their publishers' own, without their prose", () => {
      for (const [file, text] of Object.entries(filesOf(publishedDefinitions()))) {
        expect([file, onDisk(file)]).toEqual([file, text]);
      }
    });
  });

  test("keep the rules between fields, and the defaults, of definitions that are their publishers' own", () => {
    const cluster = JSON.stringify(spec("clusters.postgresql.cnpg.io"));
    expect(cluster).toContain('"x-kubernetes-validations"');
    expect(spec("clusters.postgresql.cnpg.io").properties["instances"]).toMatchObject({ minimum: 1, type: "integer" });
    expect(spec("objectstores.barmancloud.cnpg.io").required).toEqual(["configuration"]);
    expect(cluster).not.toMatch(/"description":"/);
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

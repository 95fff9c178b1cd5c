import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { recordChart } from "../../../tools/kubernetes/chart-values";

const folder = mkdtempSync(join(tmpdir(), "chart-"));
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

beforeAll(() => {
  write("Chart.yaml", "name: whole\nversion: 1.2.3\ndependencies:\n  - name: part\n    alias: other\n");
  write(
    "values.yaml",
    "replicas: 1\nname: ''\nenabled: true\nargs: []\nlabels: {}\nnodeSelector: { os: linux }\nserver: { port: 80, extra: { a: 1 } }\nother: { replicas: 3 }\n",
  );
  write(
    "templates/deployment.yaml",
    "{{ .Values.server.host }} {{- toYaml .Values.server.extra }} {{ with .Values.resources }}{{ toYaml . }}{{ end }}",
  );
  write("charts/part/Chart.yaml", "name: part\nversion: 4.5.6\n");
  write("charts/part/values.yaml", "replicas: 1\nsize: 10Gi\n");
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("the keys of a chart", () => {
  test("are those of its defaults, by type, and those that its templates use", () => {
    expect(recordChart(folder)).toEqual({
      chart: "whole",
      version: "1.2.3",
      keys: {
        replicas: "number",
        name: "text",
        enabled: "boolean",
        args: "list",
        labels: "*",
        nodeSelector: "*",
        resources: "*",
        server: { port: "number", host: "*", extra: "*" },
        other: { replicas: "number", size: "text" },
      },
    });
  });
});

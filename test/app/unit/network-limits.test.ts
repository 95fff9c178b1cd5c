import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EKSClient } from "@aws-sdk/client-eks";
import { SSMClient } from "@aws-sdk/client-ssm";
import { dumpAt } from "../../../app/database/backup/restore";
import { s3DumpStore } from "../../../app/database/backup/s3-store";
import { ForwardProxy } from "../../../app/packages/algolab/forward-proxy";
import { openSocket } from "../../../app/packages/algolab/socket";
import { Transport } from "../../../app/packages/algolab/transport";
import { remoteKeys } from "../../../app/packages/kit/auth/verifier";
import { DatabaseClient } from "../../../app/packages/kit/database/client";
import { environment } from "../../../config";
import { clientOptions } from "../../../ops/aws/clients";
import { ReleaseParameter } from "../../../ops/aws/release-parameter";
import { askPodsOrProcess } from "../../../ops/health/market-data";
import type { Cluster } from "../../../ops/kubernetes/cluster";
import { connection } from "../../../ops/kubernetes/connect";
import { NamespaceApi } from "../../../ops/kubernetes/namespace-api";
import { Github } from "../../../ops/pipeline/github";
import { Visitor } from "../../../ops/smoke/visitor";
import { testApiKey } from "../../../app/packages/simulator/test-key";

type Limits = Record<string, number | Record<string, number>>;

/** Each limit is half a second here. */
jest.mock("../../../app/packages/contract/network-limits", () => {
  const real = jest.requireActual<{ networkLimits: Limits }>("../../../app/packages/contract/network-limits");
  const short = (limits: Limits): Limits =>
    Object.fromEntries(
      Object.entries(limits).map(([name, limit]) => [name, typeof limit === "number" ? 500 : (short(limit) as never)]),
    );
  return { networkLimits: short(real.networkLimits) };
});

/** Takes connections and never answers, or stops in the middle of an answer's body. */
class Silent {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private heard = 0;

  constructor(stopsIn: "nothing" | "a body") {
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket)).on("error", () => undefined);
      socket.once("data", () => {
        this.heard++;
        if (stopsIn === "a body") {
          socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{");
        }
      });
    });
  }

  async listen(): Promise<string> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Whether it was asked at all. */
  get asked(): boolean {
    return this.heard > 0;
  }

  /** Connections that were left open. */
  get open(): number {
    return this.sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }
}

const hostOf = (url: string) => ({ host: "127.0.0.1", port: Number(new URL(url).port) });

function kubernetesAt(server: string): NamespaceApi {
  const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  const named = (name: string, what: object) => [{ name, ...what }];
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: named("silent", { cluster: { server, "insecure-skip-tls-verify": true } }),
    users: named("operator", { user: { token: "a token" } }),
    contexts: named("silent", { context: { cluster: "silent", user: "operator" } }),
  };
  writeFileSync(join(folder, "config"), JSON.stringify(config));
  const address = {
    kubernetes: { access: "kubeconfig", file: "config", context: "silent" },
    cluster: { name: "silent" },
    aws: { region: "eu-central-1" },
  } as const;
  return new NamespaceApi(connection(address, new EKSClient({ region: "eu-central-1" }), folder), "trading");
}

function awsAt(url: string) {
  const local = environment("local");
  return { ...clientOptions({ ...local, aws: { ...local.aws, emulator: url } }), maxAttempts: 1 };
}

function storeAt(url: string) {
  const variables = {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    AWS_REGION: "eu-central-1",
  };
  Object.assign(process.env, variables, { AWS_MAX_ATTEMPTS: "1" });
  return s3DumpStore({ bucket: "backups", retentionDays: 30 });
}

/** Every client of the network but Redis' own, and a call of it. `calls HTTP` where an answer has a body that can stop. */
const clients: readonly (readonly [name: string, kind: "HTTP" | "other", call: (url: string) => Promise<unknown>])[] = [
  ["a call to the broker", "HTTP", (baseUrl) => new Transport({ baseUrl, apiKey: testApiKey }).call("X", {}, String)],
  [
    "a call through a proxy",
    "other",
    (url) => {
      const proxy = new ForwardProxy({ url: new URL(url) });
      return new Transport({ baseUrl: "http://broker.invalid", apiKey: testApiKey, proxy }).call("X", {}, String);
    },
  ],
  ["the broker's socket", "other", (baseUrl) => once(openSocket({ baseUrl, apiKey: testApiKey, hash: "h" }), "open")],
  [
    "the issuer's keys",
    "HTTP",
    (url) => {
      const { keys, close } = remoteKeys(url, () => undefined);
      return Promise.resolve(keys({ alg: "EdDSA" }, { payload: "", signature: "" })).finally(close);
    },
  ],
  ["a connection to the database", "other", (url) => new DatabaseClient(hostOf(url)).connect()],
  ["the manifest of a dump", "HTTP", (url) => dumpAt(url, url).manifest()],
  ["a dump", "HTTP", async (url) => (await dumpAt(url, url).dump()).toArray()],
  ["the bucket of dumps", "other", (url) => storeAt(url).put("a dump", "its bytes")],
  ["AWS", "HTTP", (url) => new ReleaseParameter(new SSMClient(awsAt(url)), "bist").read()],
  [
    "Kubernetes",
    "HTTP",
    (url) => kubernetesAt(url).find(({ core }) => core.listNamespacedPod({ namespace: "trading" })),
  ],
  ["GitHub", "HTTP", (api) => new Github({ api, repository: "a/b", token: "t" }).comments(1)],
  [
    "a visit to a service",
    "HTTP",
    (url) => new Visitor(() => url).call({ service: "userManagement", method: "GET", path: "/" }),
  ],
  [
    "market data's report",
    "HTTP",
    async (url) => {
      const nobody = { ask: () => Promise.resolve([]) } as unknown as Cluster;
      const reports = await askPodsOrProcess(nobody, url)("blue");
      if (reports.length === 0) throw new Error("it has no report");
    },
  ],
];

const left = async (server: Silent) => {
  while (server.open > 0) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe.each(clients)("%s", (_name, kind, call) => {
  test("gives up a server that never answers, and its connection", async () => {
    const server = new Silent("nothing");
    const url = await server.listen();
    await expect(call(url)).rejects.toThrow();
    await left(server);
    await server.close();
  });

  if (kind === "HTTP")
    test("gives up an answer that stops in the middle, and its connection", async () => {
      const server = new Silent("a body");
      const url = await server.listen();
      await expect(call(url)).rejects.toThrow();
      expect(server.asked).toBe(true);
      await left(server);
      await server.close();
    });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startWebServer } from "../../../../local/app/web-server";
import type { WebServer } from "../../../../local/app/web-server";

let folder: string;
let service: Server;
let web: WebServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bist-web-"));
  mkdirSync(join(folder, "page"));
  writeFileSync(join(folder, "page", "index.html"), "<title>page</title>");
  writeFileSync(join(folder, "secret.txt"), "outside");
  service = createServer((asked, answer) => {
    answer.end(JSON.stringify({ url: asked.url, from: asked.headers["x-forwarded-for"] }));
  });
  service.on("upgrade", (asked, socket) => {
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\n${asked.url ?? ""}`);
  });
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  const upstream = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const upstreams = { "/user": upstream, "/gone": "http://127.0.0.1:1" };
  web = await startWebServer({ folder: join(folder, "page"), port: 0, upstreams });
});
afterAll(async () => {
  await web.close();
  service.closeAllConnections();
  service.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A path as it is, which fetch would tidy up. */
const statusOf = (path: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    const { hostname, port } = new URL(web.url);
    request({ hostname, port, path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .once("error", reject)
      .end();
  });

test("serves the page, and nothing outside of its folder", async () => {
  expect(await (await fetch(web.url)).text()).toContain("page");
  expect(await statusOf("/../secret.txt")).toBe(404);
  expect(await statusOf("/%2e%2e/secret.txt")).toBe(404);
  expect(await statusOf("/missing.js")).toBe(404);
});

test("hands a prefix to its service with the client's own address, whatever the client says", async () => {
  const answer = await fetch(`${web.url}/user/api?x=1`, { headers: { "x-forwarded-for": "10.9.9.9" } });
  expect(await answer.json()).toEqual({ url: "/user/api?x=1", from: "127.0.0.1" });
  expect(await statusOf("/username")).toBe(404);
});

test("says so when a service is away", async () => {
  const answer = await fetch(`${web.url}/gone/api`);
  expect(answer.status).toBe(502);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
});

test("joins a WebSocket's two ends", async () => {
  const { hostname, port } = new URL(web.url);
  const head = await new Promise<string>((resolve, reject) => {
    request({ hostname, port, path: "/user/ws", headers: { connection: "Upgrade", upgrade: "test" } })
      .once("upgrade", (_answer, socket, first) => {
        if (first.length > 0) resolve(first.toString());
        else socket.once("data", (data: Buffer) => { resolve(data.toString()); }); // prettier-ignore
      })
      .once("error", reject)
      .end();
  });
  expect(head).toBe("/user/ws");
});

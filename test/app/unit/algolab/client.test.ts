import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AlgolabSession } from "../../../../app/packages/algolab/client";
import { testApiKey } from "../../../../app/packages/simulator/test-key";

/** A server that answers every call as told. */
async function answering(
  status: number,
  body: string | undefined,
): Promise<{ server: Server; session: AlgolabSession }> {
  const server = createServer((request, response) => {
    if (body === undefined) request.socket.destroy();
    else response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, session: new AlgolabSession({ baseUrl, apiKey: testApiKey, timeoutMs: 2000 }, "hash") };
}

const order = { symbol: "GARAN", side: "BUY", limitPrice: "100.00", quantity: "1", subAccount: "" } as const;

describe("sending an order", () => {
  test.each([
    [401, "", "SESSION_EXPIRED"],
    [429, "", "TOO_FREQUENT"],
    [500, '{"success":false,"message":"x","content":null}', "UNOBSERVED"],
    [502, "<html>Bad gateway</html>", "UNREADABLE"],
    [200, "<html>", "UNREADABLE"],
    [200, undefined, "UNOBSERVED"],
    [200, '{"success":true,"message":"","content":null}', "UNREADABLE"],
    [200, '{"success":false,"message":"Yetersiz","content":null}', "REFUSED"],
    [200, '{"success":true,"message":"","content":"İşlem bakiyesi yetersiz.TradeLimitInsufficient"}', "REFUSED"],
    [200, '{"success":true,"message":"Success","content":{"message":"Yetersiz","duration":"-"}}', "REFUSED"],
    [200, '{"success":true,"message":"Success","content":null}', "UNREADABLE"],
    [200, '{"success":true,"message":"","content":{"message":"Success","duration":"-"}}', "UNREADABLE"],
    [200, '{"success":true,"message":"","content":true}', "UNREADABLE"],
    [200, '{"success":true,"message":"","content":42}', "UNREADABLE"],
    [200, '{"success":true,"message":"","content":{"message":false,"duration":"-"}}', "UNREADABLE"],
    // What may acknowledge an order is no refusal, in whatever form it comes.
    [200, '{"success":true,"message":"","content":"HISSEOK"}', "UNREADABLE"],
    [200, '{"success":true,"message":"","content":"Referans Numaranız: F1 - HISSEOK"}', "UNREADABLE"],
    [200, '{"success":true,"message":"","content":"Referans Numaranız: ÇŞ-F1;x - HISSEOK"}', "UNREADABLE"],
    [200, '{"success":true,"message":"","content":"REFERANS NO F1"}', "UNREADABLE"],
    [200, '{"success":true,"message":"","content":"Referans Numaranız: ;x"}', "UNREADABLE"],
    [200, '{"success":false,"message":"x","content":"Referans Numaranız: F1;x - HISSEOK"}', "UNREADABLE"],
    [400, '{"success":true,"message":"","content":"Referans Numaranız: F1;x - HISSEOK"}', "UNREADABLE"],
  ])("answered with %s %p is %s", async (status, body, failure) => {
    const { server, session } = await answering(status, body);
    try {
      await expect(session.sendOrder(order)).rejects.toMatchObject({ failure, endpoint: "SendOrder" });
    } finally {
      server.close();
    }
  });

  test("takes no refusal of a later request for an acknowledgement", async () => {
    const body = '{"success":false,"message":"Referans numarası bulunamadı","content":null}';
    const { server, session } = await answering(200, body);
    try {
      await expect(session.deleteOrder("FO1AB2", "")).rejects.toMatchObject({ failure: "REFUSED" });
    } finally {
      server.close();
    }
  });

  const acknowledged = "Referans Numaranız: FO1AB2;20240730FO1AB2 - HISSEOK";
  test.each([
    { message: "", content: acknowledged },
    { message: "Success", content: { message: acknowledged, duration: "-" } },
    { message: acknowledged, content: null },
    { message: "", content: acknowledged.toUpperCase() },
    { message: "", content: "referans numaraniz:FO1AB2 ; x" },
    { message: "", content: " Referans  Numaranız :  FO1AB2;20240730FO1AB2" },
  ])("gets its reference wherever it stands: %j", async (answer) => {
    const { server, session } = await answering(200, JSON.stringify({ success: true, ...answer }));
    try {
      await expect(session.sendOrder(order)).resolves.toBe("FO1AB2");
    } finally {
      server.close();
    }
  });

  test("that may not leave any more once its connection stands is not sent, and the next one is", async () => {
    let received = 0;
    const server = createServer((_, response) => {
      received++;
      response.end(JSON.stringify({ success: true, message: "", content: acknowledged }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let may = true;
    const session = new AlgolabSession({ baseUrl, apiKey: testApiKey, mayLeave: () => may }, "hash");
    try {
      const sent = session.sendOrder(order);
      may = false;
      await expect(sent).rejects.toMatchObject({ failure: "NOT_SENT", message: /may not be sent any more/ });
      expect(received).toBe(0);
      may = true;
      await expect(session.sendOrder(order)).resolves.toBe("FO1AB2");
      expect(received).toBe(1);
    } finally {
      server.close();
    }
  });

  test("to nobody was not sent", async () => {
    const { server, session } = await answering(200, "");
    await new Promise((resolve) => server.close(resolve));
    await expect(session.sendOrder(order)).rejects.toMatchObject({ failure: "NOT_SENT" });
  });
});

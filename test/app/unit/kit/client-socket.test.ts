import { EventEmitter } from "node:events";
import { WebSocket } from "ws";
import { ClientSocket } from "../../../../app/packages/kit/http/client-socket";

beforeEach(() => jest.useFakeTimers({ now: 0 }));
afterEach(() => jest.useRealTimers());

/** As much of a connection as a client of the service needs: the close code that the server sent, or none. */
class Connection extends EventEmitter {
  readonly OPEN = WebSocket.OPEN;
  readonly CLOSING = WebSocket.CLOSING;
  readyState: number = WebSocket.OPEN;
  code: number | undefined;

  close(code: number): void {
    this.code = code;
    this.end();
  }

  end(): void {
    this.readyState = WebSocket.CLOSED;
    this.emit("close");
  }
}

function accepted(endsAt: number): { connection: Connection; client: ClientSocket; until: (endsAt: number) => void } {
  const connection = new Connection();
  const ignored = () => undefined;
  // A WebSocket connects when it is made: this one has of it what ClientSocket uses.
  const client = new ClientSocket(connection as unknown as WebSocket, { sent: ignored, refused: ignored });
  const until = (expiresAt: number) => {
    client.accept({ userId: "ayse", roles: [], authorities: new Set(), expiresAt }, Date.now());
  };
  until(endsAt);
  return { connection, client, until };
}

describe("a client's connection", () => {
  test("ends with its token", () => {
    const { connection } = accepted(1_000);
    jest.advanceTimersByTime(999);
    expect(connection.code).toBeUndefined();
    jest.advanceTimersByTime(1);
    expect(connection.code).toBe(4401);
  });

  test("ends with the last token that it was given, whether that is longer or shorter", () => {
    const { connection, until } = accepted(1_000);
    until(900_000);
    jest.advanceTimersByTime(899_999);
    expect(connection.code).toBeUndefined();
    jest.advanceTimersByTime(1);
    expect(connection.code).toBe(4401);
  });

  test("leaves no timer behind, and tells whoever asks later that it is gone", () => {
    const { connection, client } = accepted(900_000);
    const before = jest.fn();
    client.onClose(before);
    connection.end();
    expect(jest.getTimerCount()).toBe(0);
    const after = jest.fn();
    client.onClose(after);
    expect([before.mock.calls.length, after.mock.calls.length, client.open]).toEqual([1, 1, false]);
  });
});

import { createConnection } from "node:net";
import { listenerOn } from "../lib/process";

/**
 * @param whose what needs the port, as it stands within a sentence: `the AWS emulator`
 * @param remedy how to choose another port
 * @throws Error that names who listens on a port of 127.0.0.1 already
 */
export async function refuseTakenPort(port: number, whose: string, remedy: string): Promise<void> {
  if (!(await isListening(port))) return;
  const listener = listenerOn(port);
  const by = listener === undefined ? "another user's process" : `process ${listener.pid} (${listener.command})`;
  throw new Error(
    `Port ${port} is taken by ${by}, and ${whose} needs it. End that process, or choose another port: ${remedy}`,
  );
}

/** Whether anybody listens on a port. */
export function isListening(port: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    const answer = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once("connect", () => {
      answer(true);
    });
    socket.once("error", () => {
      answer(false);
    });
  });
}

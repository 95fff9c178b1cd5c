import type { TerraformEvent } from "../terraform/events";
import type { Progress } from "./progress";

/** Where to show something: a terminal, a file, a pipe. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** Shows a deploy while it runs. */
export interface Display {
  begin(id: string): void;
  event(id: string, event: TerraformEvent): void;
  end(id: string, phase: "done" | "failed"): void;
  /** Shows the last state and gives the output back. */
  close(): void;
}

const DEFAULT_COLUMNS = 120;
const REDRAW_MS = 200;
const REMIND_MS = 15_000;

/** Lines that are redrawn in place on a terminal; a line for each thing that happens elsewhere. */
export function displayFor(output: Output, progress: Progress): Display {
  return output.isTTY === true ? terminalDisplay(output, progress) : plainDisplay(output, progress);
}

function terminalDisplay(output: Output, progress: Progress): Display {
  let drawn = 0;
  const draw = () => {
    const lines = progress.lines(output.columns ?? DEFAULT_COLUMNS);
    const back = drawn > 0 ? `\u001b[${drawn}A\u001b[J` : "";
    output.write(`${back}${lines.join("\n")}\n`);
    drawn = lines.length;
  };
  const timer = setInterval(draw, REDRAW_MS);
  return {
    begin: (id) => {
      progress.begin(id);
    },
    event: (id, event) => {
      progress.event(id, event);
    },
    end: (id, phase) => {
      progress.end(id, phase);
    },
    close: () => {
      clearInterval(timer);
      draw();
    },
  };
}

function plainDisplay(output: Output, progress: Progress): Display {
  const tell = (id: string) => output.write(`${progress.line(id)}\n`);
  const timer = setInterval(() => {
    progress.active.forEach(tell);
  }, REMIND_MS);
  return {
    begin: (id) => {
      progress.begin(id);
      tell(id);
    },
    event: (id, event) => {
      progress.event(id, event);
      if (event.kind === "planned") tell(id);
    },
    end: (id, phase) => {
      progress.end(id, phase);
      tell(id);
    },
    close: () => {
      clearInterval(timer);
      output.write(`${progress.summary()}\n`);
    },
  };
}

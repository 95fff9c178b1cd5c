import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

const executable = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .filter((path) => path !== undefined)
  .find((path) => existsSync(path));

/** Suites that need a browser; skipped by name where none is installed. */
export const describeWithBrowser = executable === undefined ? describe.skip : describe;

/** A headless Chromium that speaks to nobody but the pages it is given. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: executable,
    // The sandbox needs rights that root in a container does not have; the pages are our own.
    args: "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
      .concat(" --disable-component-update --disable-sync --disable-dev-shm-usage")
      .split(" "),
  });

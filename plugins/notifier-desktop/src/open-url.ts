import { spawn } from "node:child_process";
import type { Clock } from "@agent-orchestrator/core/slots/common";

/** A program that fails does so at once. One that runs on is the browser itself. */
const SETTLE_MS = 2_000;

export interface Opening {
  env: Record<string, string>;
  clock: Clock;
  activationToken: string | null;
}

/**
 * Opens a page in the user's browser. Null, or why that failed. No deadline: the program may become the browser, which must outlive
 * us, so it gets a process group of its own and nothing of ours.
 */
export async function openUrl(url: string, { env, clock, activationToken }: Opening): Promise<string | null> {
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  const token =
    activationToken === null ? {} : { XDG_ACTIVATION_TOKEN: activationToken, DESKTOP_STARTUP_ID: activationToken };
  const child = spawn(program, [url], { env: { ...env, ...token }, stdio: "ignore", detached: true });
  child.unref();
  const settled = new AbortController();
  const ended = new Promise<string | null>((done) => {
    child.once("error", () => done(`${program} is not installed`));
    child.once("exit", (status) => done(status === 0 ? null : `${program} failed (exit ${status ?? "by a signal"})`));
  });
  const runsOn = clock.sleep(SETTLE_MS, settled.signal).then(
    () => null,
    () => null, // It has ended.
  );
  try {
    return await Promise.race([ended, runsOn]);
  } finally {
    settled.abort();
  }
}

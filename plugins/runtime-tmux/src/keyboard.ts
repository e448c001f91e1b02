import { exec } from "@agent-orchestrator/plugin-kit/exec";

/** Whether the terminal passes single bytes to its program without line editing. Null if that can't be told. */
export async function isRawTerminal(tty: string, env: Record<string, string>): Promise<boolean | null> {
  try {
    const flag = process.platform === "linux" ? "-F" : "-f";
    const { stdout } = await exec("stty", [flag, tty, "-a"], { env, timeoutMs: 2_000, maxBytes: 8_192 });
    return /(^|\s)-icanon\b/.test(stdout);
  } catch {
    return null; // The pane may be gone, or there is no stty. That is one source less.
  }
}

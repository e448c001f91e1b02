import { exec } from "@agent-orchestrator/plugin-kit/exec";

/** Whether the terminal hands its program single bytes, without editing of its own. null: cannot tell. */
export async function isRawTerminal(tty: string, env: Record<string, string>): Promise<boolean | null> {
  try {
    const flag = process.platform === "linux" ? "-F" : "-f";
    const { stdout } = await exec("stty", [flag, tty, "-a"], { env, timeoutMs: 2_000, maxBytes: 8_192 });
    return /(^|\s)-icanon\b/.test(stdout);
  } catch {
    return null; // the pane may be gone, or there is no stty: one source less
  }
}

import { spawnSync } from "node:child_process";
import type { Io } from "./io.ts";

/** Resets colours, and mouse, paste and cursor modes that a viewer may have left on when it died. */
const RESET = "\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?1004l\u001b[?2004l\u001b[?25h\u001b[0m";
const LEAVE_ALTERNATE = "\u001b[?1049l";

/** Saves the terminal's settings. The returned function restores them, however the program ended. */
export function keepTerminal(io: Io): (status: number) => void {
  if (!io.isInTty || !io.isOutTty) return () => undefined;
  const saved = stty(["-g"])?.trim();
  return (status) => {
    io.out(status > 128 ? `${LEAVE_ALTERNATE}${RESET}` : RESET);
    if (saved !== undefined && /^[0-9a-fA-F:=]+$/.test(saved)) stty([saved]);
  };
}

function stty(args: string[]): string | undefined {
  const ended = spawnSync("stty", args, { stdio: ["inherit", "pipe", "ignore"], encoding: "utf8", timeout: 2_000 });
  return ended.status === 0 ? ended.stdout : undefined;
}

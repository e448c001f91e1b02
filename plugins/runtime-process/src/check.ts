import { pathToFileURL } from "node:url";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { runnerPath } from "./helper-path.ts";
import { ptyModule } from "./launch.ts";
import type { ProcessOptions } from "./options.ts";

interface Line {
  ok: boolean;
  text: string;
  hint?: string;
}

/** Tells doctor whether agents get a terminal or pipes, and why. */
export async function check(options: ProcessOptions, context: PluginContext): Promise<Line[]> {
  return [runnerLine(context), await terminalLine(options, context)];
}

function runnerLine(context: PluginContext): Line {
  try {
    return { ok: true, text: `runner: ${runnerPath(context)}` };
  } catch (error) {
    return { ok: false, text: (error as Error).message, hint: "Install ao again." };
  }
}

async function terminalLine(options: ProcessOptions, context: PluginContext): Promise<Line> {
  if (options.terminal === "pipe") return { ok: true, text: "agents get pipes, as configured (terminal: pipe)" };
  const path = ptyModule(context);
  try {
    if (path === null) throw new Error("it is not installed");
    await import(pathToFileURL(path).href);
    return { ok: true, text: "agents get a terminal (@lydell/node-pty)" };
  } catch (error) {
    return {
      ok: true,
      text: `agents get pipes, not a terminal: @lydell/node-pty cannot be loaded (${(error as Error).message})`,
      hint: "Programs that draw on the screen need a terminal. Use the runtime `tmux`, or install @lydell/node-pty.",
    };
  }
}

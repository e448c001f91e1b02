import { toAoError } from "@agent-orchestrator/core/model/errors";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { baseEnv } from "./base.ts";
import type { Desk } from "./desk.ts";

type Line = { ok: boolean; text: string; hint?: string };

const OLDEST = [3, 2] as const;

export async function checkTmux(desk: Desk, program: string): Promise<Line[]> {
  let version: string;
  try {
    const { stdout } = await exec(program, ["-V"], { env: baseEnv(desk.context), timeoutMs: 5_000 });
    version = stdout.trim();
  } catch (error) {
    return [
      { ok: false, text: toAoError(error).message, hint: "Install tmux 3.2 or newer, or use `runtime: process`." },
    ];
  }
  const lines: Line[] = [judgeVersion(version)];
  try {
    const client = await desk.server.client({ start: false });
    lines.push({ ok: true, text: client === null ? "no agents are running in tmux" : "our tmux server answers" });
  } catch (error) {
    lines.push({ ok: false, text: toAoError(error).message, hint: "Run `ao restart`. Agents keep running." });
  }
  return lines;
}

/** `tmux 3.3a`, `tmux next-3.6`, `tmux openbsd-7.5`: a version without a number counts as new. */
export function judgeVersion(version: string): Line {
  const match = /(\d+)\.(\d+)/.exec(version);
  if (match === null || version.includes("openbsd")) return { ok: true, text: version };
  const [major, minor] = [Number(match[1]), Number(match[2])];
  const ok = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  return ok ? { ok, text: version } : { ok, text: `${version} is too old`, hint: "Install tmux 3.2 or newer." };
}

import { AoError } from "@agent-orchestrator/core/model/errors";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { findProgram } from "@agent-orchestrator/plugin-kit/program";
import type { Notice } from "./screen.ts";
import { bodyOf, escapeMarkup } from "./wording.ts";

const DEADLINE_MS = 5_000;
const MISSING = {
  text: "notify-send is not installed",
  hint: "Install the package `libnotify-bin` (Debian, Ubuntu) or `libnotify`.",
};

/** For a session bus that this program can't connect to by itself: without buttons, and nothing is replaced. */
export async function sendByProgram(env: Record<string, string>, notice: Notice, signal?: AbortSignal): Promise<void> {
  if (findProgram("notify-send", env) === null) throw new AoError("UNAVAILABLE", MISSING.text, { hint: MISSING.hint });
  await exec("notify-send", argv(notice), {
    env,
    timeoutMs: DEADLINE_MS,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** `--` ends the options. What follows is text, whatever it starts with. */
const argv = (notice: Notice): string[] => [
  ...["--app-name=ao", `--urgency=${notice.urgency}`, "--"],
  ...[notice.title, escapeMarkup(bodyOf(notice, { hasButtons: false }))],
];

export const checkProgram = (env: Record<string, string>) =>
  findProgram("notify-send", env) === null
    ? { ok: false, ...MISSING }
    : { ok: true, text: "desktop notifications through notify-send, without buttons" };

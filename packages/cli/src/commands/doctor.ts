import { isAoError, toAoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import type { ParamsOf } from "@agent-orchestrator/daemon/requests";
import type { CommandSpec, Context, Run } from "../command.ts";
import { clientRows, socketRows } from "../output/client-checks.ts";
import { type Colours, coloursFor } from "../output/colour.ts";

export const spec: CommandSpec = {
  name: "doctor",
  group: "set-up",
  position: 60,
  summary: "Check Node, git, tmux, desktop, config, environment and state, and say how to fix problems",
  options: [{ flags: "--fix", text: "repair what has moved: a project's folder, its config, the state folder" }],
  examples: [
    ["ao doctor", "exits with 1 if something is broken"],
    ["ao doctor --fix", "in a project's new folder, pick up its sessions there"],
  ],
};

export const run: Run = async (input, context) => {
  const rows = await rowsOf(context, input.flag("fix") ? { fix: true } : {});
  const colour = coloursFor(context.io);
  context.show(rows, () => rows.map((row) => rowText(row, colour)).join(""));
  return rows.some(({ level }) => level === "error") ? 1 : 0;
};

/** The daemon's checks. If it cannot start, the checks that work without it say why. */
async function rowsOf(context: Context, params: ParamsOf<"doctor">): Promise<DoctorRow[]> {
  const found = socketRows(context);
  try {
    return [...found, ...(await context.busy("checking", () => context.ask("doctor", params))).data];
  } catch (error) {
    if (isAoError(error) && error.code === "NOT_PERMITTED") throw error;
    const { message, hint } = toAoError(error);
    const row: DoctorRow = { area: "daemon", level: "error", text: message, ...(hint === undefined ? {} : { hint }) };
    return [...found, row, ...(await clientRows(context))];
  }
}

const MARKS = { ok: "✓", warning: "!", error: "✗" } as const;

function rowText({ area, level, text, hint }: DoctorRow, colour: Colours): string {
  const paint = { ok: colour.green, warning: colour.yellow, error: colour.red }[level];
  const line = `${paint(MARKS[level])} ${oneLine(area, 40)}: ${oneLine(text, 500)}\n`;
  return hint === undefined || level === "ok" ? line : `${line}    → ${oneLine(hint, 500)}\n`;
}

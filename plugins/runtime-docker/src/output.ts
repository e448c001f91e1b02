import { plainLines } from "@agent-orchestrator/plugin-kit/terminal/plain-lines";
import { endingNote, type Found } from "./container.ts";
import type { Engine } from "./engine.ts";
import type { Run } from "./layout.ts";
import { oldOutput } from "./line.ts";

/** The last lines, and why it ended if the engine knows more than a status. */
export async function lastOutput(
  engine: Engine,
  { run, found, lines }: { run: Run; found: Found | null; lines: number },
): Promise<string> {
  const printed = plainLines(await oldOutput(engine, run, lines + 1), lines);
  const note = endingNote(found);
  return note === null ? printed : `${printed}\n[${note}]`.trimStart();
}

import { realpathSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import type { AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import type { Session } from "@agent-orchestrator/core/slots/common";
import { fileLine } from "@agent-orchestrator/plugin-kit/message";
import { isRunning } from "@agent-orchestrator/plugin-kit/process";
import { isExecutable } from "@agent-orchestrator/plugin-kit/program";

/** The kernel accepts at most 128 KiB in one argument. */
export const MAX_ARGUMENT_BYTES = 100 * 1024;

/** A text that fits into one argument: itself, or a line that names its file. */
export const textOrFile = (text: string, file: string | undefined): string =>
  Buffer.byteLength(text) > MAX_ARGUMENT_BYTES && file !== undefined ? fileLine(file) : text;

/** The same as an argument of its own, which a leading dash must not make an option. */
export const asArgument = (text: string, file: string | undefined): string =>
  textOrFile(text, file).replace(/^-/, " -");

export interface WordRules {
  /** A text that begins with one of these would be a command of the program. */
  signs: RegExp;
  /** Words that alone would end the program. */
  farewells?: RegExp;
}

/** The text as the user's own words, changed only to keep it from being a command: a leading blank, or a full stop behind a farewell. */
export function asOwnWords(text: string, { signs, farewells }: WordRules): string {
  const clean = cleanMessage(text);
  if (farewells?.test(clean.trim())) return `${clean.trimEnd()}.`;
  return signs.test(clean) ? ` ${clean}` : clean;
}

/** A folder with its links resolved, as a program sees it that is started there. One that does not exist yet is left as it is. */
export function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // Not created yet.
  }
}

/** The folder in which the runtime starts the program. */
export const workingFolder = ({ workspacePath, projectConfig: { cwd } }: AgentLaunchConfig): string =>
  cwd === null ? workspacePath : join(workspacePath, cwd);

/** `./x` is looked up in the checkout, then in the project. A bare name is left to the session's PATH. */
export function locatedIn(program: string, { workspacePath, projectConfig }: AgentLaunchConfig): string {
  if (isAbsolute(program) || !program.includes("/")) return program;
  const inCheckout = join(workspacePath, program);
  const inProject = join(projectConfig.path, program);
  return isExecutable(inCheckout) || !isExecutable(inProject) ? inCheckout : inProject;
}

/** The pid that the runtime started, or null if it does not say. */
export function pidOf({ runtimeHandle }: Session): number | null {
  const pid = runtimeHandle?.data.pid;
  return typeof pid === "number" ? pid : null;
}

/** Whether the session's program has ended. True only if that is certain. */
export function hasEnded(session: Session): boolean {
  const pid = pidOf(session);
  const startId = session.runtimeHandle?.data.startId;
  return pid !== null && typeof startId === "string" && !isRunning({ pid, startId });
}

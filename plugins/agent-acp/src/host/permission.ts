import { existsSync, lstatSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { mayRunUnasked } from "@agent-orchestrator/plugin-kit/commands/judge";
import type { PermissionMode } from "@agent-orchestrator/plugin-kit/permissions";
import type { PermissionOption, RequestPermissionRequest, ToolCallUpdate } from "@agentclientprotocol/sdk";
import type { Choice } from "./dialogs.ts";
import { shortDiff } from "./diff.ts";
import { cleanLines, head } from "./paint.ts";
import type { Talk } from "./talk.ts";
import type { ToolCall } from "./tool-calls.ts";
import { name } from "./tool-lines.ts";

const DIFF_LINES = 12;

type Outcome = { outcome: { outcome: "cancelled" } | { outcome: "selected"; optionId: string } };

/** Answers a permission request from the session's permissions if they decide, else asks the user. */
export async function askPermission(talk: Talk, request: RequestPermissionRequest): Promise<Outcome> {
  const { spec, calls, dialogs, turns } = talk;
  turns.noteSign();
  // Ignore the call's status here. Some agents report `pending` for one that has already started.
  const { status: _status, ...told } = request.toolCall;
  const { call } = calls.take(told);
  const toolCall = { ...request.toolCall, kind: call.kind };
  const free = choiceFor({ toolCall, options: request.options }, { ...spec, mode: spec.permissions });
  if (free !== null) return selected(free);
  const answer = await dialogs.ask({
    kind: "permission",
    text: questionOf(call),
    choices: request.options.map(choiceOf),
  });
  const option = answer !== null && "index" in answer ? request.options[answer.index] : undefined;
  return option === undefined ? { outcome: { outcome: "cancelled" } } : selected(option);
}

const selected = ({ optionId }: PermissionOption): Outcome => ({ outcome: { outcome: "selected", optionId } });

const choiceOf = ({ name: label, kind }: PermissionOption): Choice => ({
  label,
  isAlways: kind === "allow_always" || kind === "reject_always",
  isRefusal: kind.startsWith("reject"),
});

/** The question, for a user who sees nothing else: the whole command, or the file and its changes. */
function questionOf(call: ToolCall): string {
  if (call.command !== null) return `May it run this? ${cleanLines(call.command).join("\n")}`;
  const diffs = call.content.flatMap((each) => (each.type === "diff" ? [each] : []));
  const changes = diffs.flatMap(({ path, oldText, newText }) => {
    const { added, removed, lines } = shortDiff(oldText ?? null, newText);
    return [`${path} (+${added} −${removed})`, ...head(lines, DIFF_LINES)];
  });
  return [`May it do this? ${name(call)}`, ...changes].join("\n");
}

export interface Permit {
  mode: PermissionMode;
  allow: readonly string[];
  /** The checkout. Edits outside it are asked about. */
  cwd: string;
}

/** The request's description of the call. Its kind may have been reported earlier. */
export type JudgedCall = Omit<ToolCallUpdate, "kind" | "toolCallId"> & { kind?: string | null };

export interface Judged {
  toolCall: JudgedCall;
  options: readonly PermissionOption[];
}

/** The choice to take without asking, always one for this time only. Null if the user must be asked. */
export function choiceFor({ toolCall, options }: Judged, permit: Permit): PermissionOption | null {
  const once = options.find((option) => option.kind === "allow_once");
  return once !== undefined && isPermitted(toolCall, permit) ? once : null;
}

function isPermitted(call: JudgedCall, { mode, allow, cwd }: Permit): boolean {
  if (mode === "auto" || mode === "skip") return true;
  const command = commandOf(call);
  if (command !== null) return mayRunUnasked(command, { allow, cwd });
  if (mode !== "edits" || call.kind !== "edit") return false;
  const paths = pathsOf(call);
  return paths.length > 0 && paths.every((path) => isInside(path, cwd));
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/**
 * The command line that would run, if the agent reports it as such. A title is for people, and may be shortened or say something
 * else.
 */
export function commandOf(call: Pick<JudgedCall, "kind" | "rawInput">): string | null {
  if (call.kind !== "execute") return null;
  const { command } = record(call.rawInput);
  if (typeof command === "string") return command;
  const isShell = Array.isArray(command) && /^(.*\/)?(ba|z|da)?sh$/.test(String(command[0]));
  return isShell && command.length === 3 && /^-l?c$/.test(String(command[1])) ? String(command[2]) : null;
}

const PATH_KEYS = ["filePath", "file_path", "path", "filepath", "absolute_path", "abs_path", "target_file"];

/** Every file that this call says it touches. */
function pathsOf(call: JudgedCall): string[] {
  const raw = record(call.rawInput);
  const named = PATH_KEYS.flatMap((key) => (typeof raw[key] === "string" ? [raw[key]] : []));
  const located = (call.locations ?? []).map(({ path }) => path);
  const changed = (call.content ?? []).flatMap((each) => (each.type === "diff" ? [each.path] : []));
  return [...new Set([...named, ...located, ...changed])];
}

/** Whether a path is inside the folder, with links followed. Git's own folder does not count. */
export function isInside(path: string, folder: string): boolean {
  const target = real(isAbsolute(path) ? path : resolve(folder, path));
  const inner = relative(real(folder), target);
  if (inner === "") return false;
  const parts = inner.split(sep);
  return parts[0] !== ".." && !isAbsolute(inner) && !parts.includes(".git");
}

/** The path with all links resolved, as far as it exists. A dangling link counts as outside. */
function real(path: string): string {
  const missing: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    if (existsSync(at)) return join(realpathSync(at), ...missing);
    if (dirname(at) === at || lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) return dirname("/");
    missing.unshift(basename(at));
  }
}

import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import { cleanForTerminal } from "@agent-orchestrator/core/model/text";
import { z } from "zod";
import { changeRecord, readRecord } from "./launch/record.ts";
import type { Seen } from "./server/seen.ts";
import type { Server } from "./server/server.ts";
import { PermissionRequest, type QuestionRequest } from "./server/wire.ts";

/** What is open in OpenCode and waits for the user. */
export type Ask =
  | { kind: "permission"; request: PermissionRequest }
  /** `answered`: the answers so far to the first of several questions, which are sent together. */
  | { kind: "question"; request: QuestionRequest; answered: string[][] };

/** In OpenCode's own order. */
export const PERMISSION_CHOICES = [
  { label: "Allow once", reply: "once" },
  { label: "Allow always", reply: "always" },
  { label: "Reject", reply: "reject" },
] as const;

const MAX_TEXT = 4_000;

export function dialogOf(ask: Ask): Dialog {
  if (ask.kind === "question") return questionDialog(ask);
  const { request } = ask;
  return {
    id: request.id,
    kind: "permission",
    text: cut(permissionText(request)),
    choices: PERMISSION_CHOICES.map(({ label }) => label),
    // OpenCode accepts text only with a rejection, so it is not an answer of its own.
    takesText: false,
    canAlways: request.always.length > 0,
  };
}

/** A request with several questions becomes several dialogs in sequence, like OpenCode's own tabs. */
function questionDialog({ request, answered }: Extract<Ask, { kind: "question" }>): Dialog {
  const index = Math.min(answered.length, request.questions.length - 1);
  const question = request.questions[index];
  const count = request.questions.length;
  return {
    id: count > 1 ? `${request.id}/${index + 1}` : request.id,
    kind: "question",
    text: cut(
      [
        `${question?.question ?? "OpenCode asks"}${count > 1 ? ` (${index + 1} of ${count})` : ""}`,
        ...(question?.multiple === true ? ["(several are possible: separate the labels with commas)"] : []),
      ].join("\n"),
    ),
    choices: question?.options.map(({ label }) => cleanForTerminal(label)) ?? [],
    takesText: question?.custom !== false,
    canAlways: false,
  };
}

/** The text of OpenCode's own dialog, by kind of permission. */
function permissionText({ permission, patterns, metadata }: PermissionRequest): string {
  const word = (key: string): string | null => (typeof metadata[key] === "string" ? String(metadata[key]) : null);
  switch (permission) {
    case "bash":
      return `Permission required: shell command\n$ ${word("command") ?? patterns.join(" ")}`;
    case "edit":
      return [`Permission required: edit ${patterns.join(", ")}`, word("diff")]
        .filter((line) => line !== null)
        .join("\n");
    case "external_directory":
      return `Permission required: access outside the project: ${patterns.join(", ")}`;
    case "doom_loop":
      return "Permission required: go on after the same call failed again and again";
    default:
      return `Permission required: ${permission} ${word("url") ?? patterns.join(", ")}`.trimEnd();
  }
}

function cut(text: string): string {
  const clean = cleanForTerminal(text).trim();
  return clean.length > MAX_TEXT ? `${clean.slice(0, MAX_TEXT - 1)}…` : clean;
}

/** The labels that the user's text names, or the text itself. */
export function answersOf(ask: Extract<Ask, { kind: "question" }>, words: string): string[] {
  const question = ask.request.questions[ask.answered.length];
  const label = (word: string): string | undefined =>
    question?.options.find((option) => same(option.label, word))?.label;
  const whole = label(words);
  if (whole !== undefined) return [whole];
  const parts = words.split(",").map((word) => label(word));
  if (question?.multiple === true && parts.every((part) => part !== undefined)) return parts;
  return [words.trim()];
}

const same = (first: string, second: string): boolean =>
  cleanForTerminal(first).trim().toLowerCase() === second.trim().toLowerCase();

/** The part of a request that its question shows. A diff would make the note large. */
const NOTED = ["command", "url"];

/**
 * What the server lists as open. If it can't list them (1.18.33 refuses its whole list because of one request that its own schema does
 * not know, such as a `webfetch` without a timeout), what its events reported, which is recorded in the session's folder.
 */
export async function openPermissions(
  server: Server,
  { sessionDir, signal }: { sessionDir: string; signal: AbortSignal | undefined },
): Promise<PermissionRequest[]> {
  try {
    return (await server.get("/permission", z.array(PermissionRequest), { signal })) ?? [];
  } catch (error) {
    if (!isAoError(error) || error.code !== "FAILED") throw error;
    return readRecord(sessionDir)?.open ?? [];
  }
}

/** Records what is open, for the next daemon too. Written only when it changes. */
export function notePermissions(sessionDir: string, { asks }: Seen): void {
  const open = [...asks.values()].flatMap((ask) => (ask.kind === "permission" ? [ask.request] : []));
  const before = readRecord(sessionDir)?.open ?? [];
  if (idsOf(open) !== idsOf(before)) changeRecord(sessionDir, { open: open.map(withoutDiff) });
}

const idsOf = (requests: readonly PermissionRequest[]): string => requests.map(({ id }) => id).join();

const withoutDiff = (request: PermissionRequest): PermissionRequest => ({
  ...request,
  metadata: Object.fromEntries(Object.entries(request.metadata).filter(([name]) => NOTED.includes(name))),
});

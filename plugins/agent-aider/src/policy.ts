import { mayRunUnasked } from "@agent-orchestrator/plugin-kit/commands/judge";
import { allowedCommands, type PermissionMode } from "@agent-orchestrator/plugin-kit/permissions";
import type { Confirm } from "./confirm.ts";

export interface Policy {
  mode: PermissionMode;
  allow: readonly string[];
  /** Questions with their subjects that the user allowed permanently. */
  always: readonly string[];
}

/** Edits and what belongs to them. */
const FILES =
  /^(Create new file|Allow edits to file that has not been added to the chat|Add file to the chat|Edit the files)\?$/;
/** Aider's frequent questions about its own work, which cost only tokens. */
const WORK =
  /^(Add command output to the chat|Add [\d.]+k tokens of command output to the chat|Attempt to fix (lint|test) errors)\?$/;
const BROWSER =
  /^(Open URL for more info|Open documentation (URL|url) for more info|Would you like to see what's new in this version)\?$/;
const COMMAND = /^Run shell commands?\?$/;

/**
 * What the session's permission mode answers by itself, because aider has no such modes. Pure. Null if the user must be asked. Only what
 * the mode allows is answered with yes, and the offer to open a browser, which nobody would see, with no.
 */
export function answerOf(policy: Policy, { question }: Confirm, subject: string): "y" | "n" | null {
  if (policy.always.includes(alwaysKey(question, subject))) return "y";
  if (policy.mode !== "edits") return null;
  if (BROWSER.test(question)) return "n";
  if (WORK.test(question)) return "y";
  if (FILES.test(question)) return question.startsWith("Edit the files") || isInside(subject) ? "y" : null;
  if (!COMMAND.test(question)) return null;
  const lines = subject.split("\n").filter((line) => line.trim() !== "");
  const allow = allowedCommands(policy.mode, policy.allow);
  return lines.length > 0 && lines.every((line) => mayRunUnasked(line.trim(), { allow })) ? "y" : null;
}

export const alwaysKey = (question: string, subject: string): string =>
  `${question} ${subject.replace(/\s+/g, " ").trim()}`;

/** A path in the checkout, but not one of git's own. */
function isInside(path: string): boolean {
  const parts = path.trim().split("/");
  return (
    path.trim() !== "" &&
    !path.includes("\n") &&
    !/^[/~\\]|^[A-Za-z]:/.test(path) &&
    !parts.includes("..") &&
    !parts.includes(".git")
  );
}

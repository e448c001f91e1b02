import { keptFile } from "@agent-orchestrator/agent-kit/kept";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { mayRunUnasked } from "@agent-orchestrator/plugin-kit/commands/judge";
import { allowedCommands, type PermissionMode } from "@agent-orchestrator/plugin-kit/permissions";
import { z } from "zod";
import type { Place } from "./launch/place.ts";
import type { AiderOptions } from "./options.ts";
import type { Look, Present } from "./present.ts";
import type { Confirm } from "./screen/confirm.ts";

/** How long an answer may take to show. After that the question goes to the user. */
const TAKEN_WITHIN_MS = 3_000;
const STEADY_MS = 1_000;

export interface Presser {
  /** We pressed keys a moment ago, and aider has not read them yet. So what it shows is not a question to anybody. */
  isUnderWay(): boolean;
  /** Answers the question if the permission mode decides it. False if it is for the user. */
  press(look: Look): Promise<boolean>;
}

/**
 * Whether keys would certainly reach this question: a prompt is open, or if that can't be told, the question has not moved and the chat
 * history has its subject. And nobody is typing there.
 */
export function mayPress({ asked, screen }: Look): boolean {
  if (asked === null || screen === null || asked.reading.confirm.typed !== "") return false;
  if (screen.isPrompting !== null) return screen.isPrompting;
  return screen.steadyMs >= STEADY_MS && asked.subject !== "";
}

export function createPresser(of: {
  place: Place;
  present: Present;
  clock: Clock;
  options: AiderOptions;
  terminal: AgentTerminal;
  onAnswered(question: string, answer: string): void;
}): Presser {
  let pressed: { taken: number; atMs: number } | null = null;
  const isUnderWay = (): boolean =>
    pressed?.taken === of.present.taken && of.clock.monotonic() - pressed.atMs < TAKEN_WITHIN_MS;
  return {
    isUnderWay,
    async press({ asked, dialog, screen }) {
      if (asked === null || dialog === null) return false;
      const { confirm } = asked.reading;
      const policy = { mode: of.options.permissions, allow: of.options.allow, always: readAlways(of.place) };
      const key = answerOf(policy, confirm, asked.subject);
      if (key === null || screen === null) return false;
      // Unread keys may still be under way. More keys would answer the next question.
      const { taken } = of.present;
      if (pressed?.taken === taken) return isUnderWay();
      pressed = { taken, atMs: of.clock.monotonic() };
      await of.terminal.press([{ char: key }, "Enter"]);
      of.onAnswered(`${confirm.question} ${asked.subject}`, key === "y" ? "yes" : "no");
      return true;
    },
  };
}

const alwaysFile = ({ always }: Place) => keptFile(always, z.array(z.string()));

/** Empty if nothing was allowed permanently yet. */
const readAlways = (place: Place): string[] => alwaysFile(place).read() ?? [];

export function addAlways(place: Place, question: string, subject: string): void {
  alwaysFile(place).write([...new Set([...readAlways(place), alwaysKey(question, subject)])]);
}

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

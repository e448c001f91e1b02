import { age, cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import type { CheckRow } from "@agent-orchestrator/core/protocol/results";
import { table } from "./format.ts";

const SIGNS: Record<CheckRow["status"], string> = {
  passed: "✓",
  failed: "✗",
  running: "…",
  pending: "·",
  skipped: "-",
};

/** One line for each check: sign, name, state, duration, and why it cannot run or where its log is. */
export function checkLines(checks: readonly CheckRow[]): string[] {
  const rows = checks.map((check) => [
    `${check.problem === null ? SIGNS[check.status] : "!"} ${oneLine(check.name, 60)}`,
    stateOf(check),
    check.durationMs === null ? "" : age(check.durationMs),
    check.problem === null ? oneLine(check.url ?? "", 300) : oneLine(check.problem, 300),
  ]);
  return table(rows).trimEnd().split("\n");
}

function stateOf({ status, problem, conclusion, failsOnBase, isRequired }: CheckRow): string {
  if (problem !== null) return "cannot run";
  const more = [
    ...(status === "running" && conclusion === "comparing-with-base" ? ["failed; running on the base"] : []),
    ...(status === "failed" && conclusion === "timed_out" ? ["timed out"] : []),
    ...(failsOnBase === true ? ["fails on the base as well"] : []),
    ...(isRequired ? [] : ["not required"]),
  ];
  return more.length === 0 ? status : `${status} (${more.join(", ")})`;
}

/** For `show` and `explain`: the checks, each failing one with the part of its log that says why. */
export function checksSection(checks: readonly CheckRow[]): string {
  if (checks.length === 0) return "";
  const lines = checkLines(checks);
  const parts = checks.map((check, at) => `  ${lines[at] ?? ""}\n${excerptOf(check)}`);
  return `\nchecks\n${parts.join("")}`;
}

function excerptOf({ excerpt }: CheckRow): string {
  if (excerpt === null || excerpt.trim() === "") return "";
  return cleanForTerminal(excerpt)
    .trimEnd()
    .split("\n")
    .map((line) => `    │ ${line}\n`)
    .join("");
}

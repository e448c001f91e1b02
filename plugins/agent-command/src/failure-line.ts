import { oneLine } from "@agent-orchestrator/core/model/text";

/** Below it, a program may still draw a prompt or a status line. */
const LAST_ROWS = 5;
const MAX_CHARS = 160;

/** A line that begins with what programs call a failure, or has the words of a refused request. */
const FAILURE =
  /^\W*(?:error|fatal|failed|failure|panic|exception|traceback|unhandled|uncaught|abort(?:ed|ing)?)\b|\b(?:\w*error|exception):\s|\b(?:HTTP|status|error|code)\W{0,3}(?:code\W{0,2})?[45]\d\d\b|\b[45]\d\d\b.{0,20}\b(?:unauthori[sz]ed|forbidden|not found|too many requests|error|unavailable|bad gateway|payment required)\b|\b(?:invalid|missing|incorrect|expired|no)\b.{0,20}\b(?:api[ _-]?key|token|credentials?)\b|\b(?:unauthori[sz]ed|permission denied|access denied|rate limit(?:ed)?|quota exceeded|insufficient (?:credits?|quota|funds|balance)|command not found|connection refused|not logged in|authentication (?:failed|required))\b/i;
/** Numbers of a report on tests or builds. */
const COUNT = /\b(?:0|no)\s+(?:errors?|failures?|failed)\b|\b(?:errors?|failures?|failed)\W{1,3}0\b/i;

/** The last of the last lines on a screen that reads like a failure. Null if none does. A guess: it may be quoted, or dealt with. */
export function failureLine(rows: readonly string[]): string | null {
  const last = rows.filter((row) => row.trim() !== "").slice(-LAST_ROWS);
  const found = last.findLast((row) => FAILURE.test(row) && !COUNT.test(row));
  return found === undefined ? null : oneLine(found, MAX_CHARS);
}

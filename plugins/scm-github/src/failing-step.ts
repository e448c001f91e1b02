/** Each line of a job's log begins with its time. */
const TIME = /^\uFEFF?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ?/;
const ERROR = /^##\[error\]/;
/** GitHub opens a group with the command of each step, and with the details of its own steps. */
const STEP = /^##\[group\]Run /;
const COMMAND = /^##\[(?:group|endgroup|command|debug|notice|warning|section)\]/;

/**
 * The part of a job's log that belongs to the failing step: from the command before its first error to that error and what
 * follows directly. The last lines of a log are often those of the steps that clean up. The whole log if it has no error.
 */
export function failingStep(log: string): string {
  const lines = log.split(/\r?\n/).map((line) => line.replace(TIME, ""));
  const error = lines.findIndex((line) => ERROR.test(line));
  if (error === -1) return lines.map(plain).join("\n").trim();
  const start = lines.findLastIndex((line, index) => index < error && STEP.test(line));
  const after = lines.findIndex((line, index) => index > error && STEP.test(line));
  const last = lines.findLastIndex((line, index) => index < (after === -1 ? lines.length : after) && ERROR.test(line));
  return lines
    .slice(Math.max(0, start), last + 1)
    .map(plain)
    .filter((line) => line !== null)
    .join("\n")
    .trim();
}

function plain(line: string): string {
  return line.replace(STEP, "$ ").replace(ERROR, "error: ").replace(COMMAND, "");
}

import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CICheck } from "@agent-orchestrator/core/model/pull-request";
import { cleanForTerminal } from "@agent-orchestrator/core/model/text";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import { statusOf } from "@agent-orchestrator/plugin-kit/github/errors";
import type { Desk } from "./desk.ts";
import { failingStep } from "./failing-step.ts";
import { target } from "./scm.ts";
import { toText } from "./text.ts";

const DEFAULT_BYTES = 16_384;
const MAX_ANNOTATIONS = 20;

/** Why a check fails: its annotations, then the failing step's part of the log, or what the check itself says. */
export async function checkLog(
  desk: Desk,
  check: CICheck,
  { maxBytes = DEFAULT_BYTES, ...options }: CallOptions & { maxBytes?: number } = {},
): Promise<string> {
  options.signal?.throwIfAborted();
  if (typeof check.checkRunId !== "number") return statusText(check);
  const parts = [
    await annotations(desk, check.checkRunId, options),
    check.isActions === true
      ? await jobLog(desk, check.checkRunId, options)
      : await outputOf(desk, check.checkRunId, options),
  ].filter((part) => part !== "");
  if (parts.length === 0) throw new AoError("NOT_FOUND", `GitHub has no log of ${check.name}`);
  return lastBytes(cleanForTerminal(parts.join("\n\n")), maxBytes);
}

/** A commit status has no log, only a line and an address. */
function statusText(check: CICheck): string {
  const lines = [check.description, check.url].filter((line) => typeof line === "string" && line !== "");
  if (lines.length > 0) return cleanForTerminal(lines.join("\n"));
  throw new AoError("NOT_FOUND", `${check.name} has no log`);
}

async function annotations(desk: Desk, id: number, options: CallOptions): Promise<string> {
  const { data } = await desk.github.say("read the annotations of a check", () =>
    desk.github.rest.checks.listAnnotations({ ...target(desk, options), check_run_id: id, per_page: MAX_ANNOTATIONS }),
  );
  return data
    .map(({ path, start_line, title, message }) => {
      const where = path === ".github" ? "" : `${path}:${start_line}: `;
      return `${where}${[title, message].filter((text) => text).join(": ")}`;
    })
    .join("\n");
}

/** The id of a check run of Actions is the id of its job. */
async function jobLog(desk: Desk, id: number, options: CallOptions): Promise<string> {
  try {
    const { data } = await desk.github.rest.actions.downloadJobLogsForWorkflowRun({
      ...target(desk, options),
      job_id: id,
    });
    return failingStep(toText(data));
  } catch (error) {
    // Logs are deleted after a while, and are not there while the job runs.
    if (statusOf(error) === 404 || statusOf(error) === 410) return "";
    return desk.github.say("read the log of a check", () => Promise.reject(error));
  }
}

async function outputOf(desk: Desk, id: number, options: CallOptions): Promise<string> {
  const { data } = await desk.github.say("read a check", () =>
    desk.github.rest.checks.get({ ...target(desk, options), check_run_id: id }),
  );
  return [data.output.title, data.output.summary, data.output.text].filter((text) => text).join("\n\n");
}

/** The end, where the failure is, from the beginning of a line. */
function lastBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length <= maxBytes) return text;
  const end = bytes.subarray(bytes.length - maxBytes + 4).toString("utf8");
  return `…\n${end.slice(end.indexOf("\n") + 1)}`;
}

import { ciOf } from "@agent-orchestrator/core/decide/ci";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CICheck, PRSnapshot } from "@agent-orchestrator/core/model/pull-request";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { SessionChecks } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { askPlugin } from "../registry/ask-plugin.ts";
import { checkRows } from "../sessions/check-rows.ts";
import { sessionOf } from "./shared/find.ts";

/** A log of a usual size completely, and the failing part of a larger one. */
const MAX_LOG_BYTES = 16 << 20;

/**
 * The checks of a pull request. `check` is the name of one; `log`: with the whole log of it, or of all that fail or
 * cannot run.
 */
export const request = defineRequest({
  access: "own",
  effect: "look",
  needsEnv: false,
  params: z.object({ session: z.string(), check: z.string().optional(), log: z.boolean().optional() }),
}).returns<SessionChecks>(async (app, wanted, call) => {
  const record = await sessionOf(app, wanted.session, call);
  const { snapshot: pr } = record.pr;
  if (pr === null) {
    if (wanted.check !== undefined || wanted.log === true) throw withoutPr(record);
    return { data: { session: record.id, pr: null, checks: [] } };
  }
  const { number, url, baseBranch } = pr.info;
  const { ci } = ciOf(record, app.world.decideContext(record));
  const named = wanted.check === undefined ? null : checkNamed(pr, wanted.check);
  const rows = checkRows(app, record).filter(({ name }) => named === null || name === named.name);
  const data = { session: record.id, pr: { number, url, headSha: pr.headSha, baseBranch, ci }, checks: rows };
  if (wanted.log !== true) return { data };
  return { data: { ...data, logs: await logsOf({ app, call }, record, named === null ? troubled(pr) : [named]) } };
});

const withoutPr = ({ id }: SessionRecord): AoError =>
  new AoError("NOT_FOUND", `${id} has no pull request yet, so no checks`, {
    hint: `CI runs on pull requests. See \`ao show ${id}\`.`,
  });

function checkNamed(pr: PRSnapshot, name: string): CICheck {
  const found =
    pr.checks.find((check) => check.name === name) ??
    pr.checks.find((check) => check.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const names = pr.checks.map((check) => check.name).join(", ");
  throw new AoError("NOT_FOUND", `PR ${pr.info.number} has no check ${name}`, {
    hint: names === "" ? "It has no checks." : `It has ${names}.`,
  });
}

/** Those that fail or cannot run. */
function troubled(pr: PRSnapshot): CICheck[] {
  const found = pr.checks.filter((check) => check.status === "failed" || check.problem !== undefined);
  if (found.length > 0) return found;
  throw new AoError("NOT_FOUND", `no check of PR ${pr.info.number} is failing`, {
    hint: "Name one to read its log: `ao checks <session> <check> --log`.",
  });
}

/** Checks that share a log are one entry, such as those that wait for the same set-up. */
async function logsOf(
  asker: { app: App; call: Call },
  record: SessionRecord,
  checks: readonly CICheck[],
): Promise<NonNullable<SessionChecks["logs"]>> {
  const info = record.pr.snapshot?.info;
  const scm = await asker.app.world.plugins(record).scm();
  const getCheckLog = scm.getCheckLog?.bind(scm);
  if (info === undefined || getCheckLog === undefined) {
    throw new AoError("UNAVAILABLE", "this scm plugin cannot read logs", {
      hint: "Run `ao checks` to see the address of each check.",
    });
  }
  const logs = new Map<string, { names: string[]; text: string }>();
  for (const check of checks) {
    const key = check.url ?? check.name;
    const known = logs.get(key);
    if (known !== undefined) known.names.push(check.name);
    else {
      const text = await askPlugin(asker, "the scm", (signal) =>
        getCheckLog(info, check, { maxBytes: MAX_LOG_BYTES, signal }),
      );
      logs.set(key, { names: [check.name], text });
    }
  }
  return [...logs.values()];
}

import type { InboxRow, InboxSession } from "@agent-orchestrator/core/model/inbox";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { AnswerResult } from "@agent-orchestrator/core/protocol/results";
import type { Context } from "../command.ts";
import { clockTime } from "../output/format.ts";
import { momentOf } from "../parse/moment.ts";
import type { QuietAct } from "./model.ts";

/** Shown on the row while it is done. */
export function labelOf({ kind }: QuietAct): string {
  return { answer: "answering…", merge: "merging…", review: "reviewing…", send: "sending…", snooze: "snoozing…" }[kind];
}

/** Does it for exactly what was shown, and returns what to say. Throws if it is refused. */
export async function perform(context: Context, act: QuietAct): Promise<{ text: string; isError: boolean }> {
  const { row, session } = act;
  const { id } = session;
  switch (act.kind) {
    case "answer":
      return await answer(context, act);
    case "merge": {
      const head = session.pr === null ? {} : { headSha: session.pr.headSha };
      const { data } = await context.ask("merge", { session: id, isConfirmed: true, ...head });
      return done(data.status === "merged" ? `${id} is merged.` : `${id}: ${oneLine(data.because)}`);
    }
    case "review": {
      const head = session.pr === null ? {} : { headSha: session.pr.headSha };
      await context.ask("review", { session: id, state: act.state, body: act.body, ...head });
      return done(REVIEWED[act.state](id));
    }
    case "send": {
      const { data } = await context.ask("send", { session: id, text: act.text, isWaiting: false });
      const held = data.heldFor === null ? "" : `: ${oneLine(data.heldFor)}`;
      return done(data.state === "accepted" ? `${id} received it.` : `The message to ${id} is ${data.state}${held}.`);
    }
    case "snooze":
      return await snooze(context, row.sessions, act.period);
  }
}

const done = (text: string) => ({ text, isError: false });

const REVIEWED = {
  approved: (id: string) => `${id} is approved.`,
  changes_requested: (id: string) => `Changes are requested of ${id}.`,
  commented: (id: string) => `Commented on the pull request of ${id}.`,
} as const;

/** To every session of the row, each for the question that was shown. */
async function answer(context: Context, { row, words, isText }: Extract<QuietAct, { kind: "answer" }>) {
  const text = row.question?.text ?? "";
  const dialogs = row.sessions.map(({ id, dialogId }) => ({
    session: id,
    dialogId,
    ...(dialogId === null ? { text } : {}),
  }));
  const params = { session: row.sessions[0]?.id ?? null, words, dialogs, ...(isText ? { isText } : {}) };
  const { data } = await context.ask("answer", params);
  const failed = data.filter(({ problem }) => problem !== null);
  const given = data.filter(({ problem }) => problem === null);
  const texts = [answeredText(given), ...failed.map(({ session, problem }) => `${session}: ${oneLine(problem ?? "")}`)];
  return { text: texts.filter((each) => each !== "").join(" · "), isError: failed.length > 0 };
}

function answeredText(given: readonly AnswerResult[]): string {
  const [first] = given;
  if (first === undefined) return "";
  const choice =
    first.number === null ? `“${oneLine(first.choice, 60)}”` : `${first.number} ${oneLine(first.choice, 60)}`;
  return `Answered ${given.map(({ session }) => session).join(", ")}: ${choice}`;
}

async function snooze(context: Context, sessions: InboxRow["sessions"], period: string) {
  const nowMs = context.io.now();
  const until = new Date(momentOf(period, { nowMs, side: "future", name: "snooze" })).toISOString();
  const each = ({ id, cause }: InboxSession) => context.ask("snooze", { session: id, until, cause });
  await Promise.all(sessions.map(each));
  return done(`Snoozed ${sessions.map(({ id }) => id).join(", ")} until ${clockTime(until, nowMs)}.`);
}

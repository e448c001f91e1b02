import { type Answer, questionKey, resolveAnswer } from "@agent-orchestrator/core/decide/choice";
import { hasJustChanged } from "@agent-orchestrator/core/decide/last-dialog";
import { openQuestion } from "@agent-orchestrator/core/decide/question";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import { isCutAtLimit, refuseAtLimit } from "@agent-orchestrator/core/model/limit-cut";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { OpenQuestion } from "@agent-orchestrator/core/model/session-view";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { AnswerResult } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { say } from "./send.ts";
import { sessionToChange, throwIfFailed } from "./shared/find.ts";

const params = z.object({
  /** The session that asks, or with `isAll` any of those that ask the same. Null: the only open question. */
  session: z.string().nullable(),
  /** A number, a label, the beginning of one, or a text. */
  words: z.string().max(65_536),
  isText: z.boolean().optional(),
  isAlways: z.boolean().optional(),
  /** Also all others with an identical question. */
  isAll: z.boolean().optional(),
  /** Reports what would be answered without answering. */
  isDryRun: z.boolean().optional(),
  /** Only these, as they were shown. Any that has changed since is refused. `text`: the question, which stands for an id that is null. */
  dialogs: z
    .array(z.object({ session: z.string(), dialogId: z.string().nullable(), text: z.string().optional() }))
    .min(1)
    .max(1000)
    .optional(),
});

type Params = z.infer<typeof params>;

type Shown = NonNullable<Params["dialogs"]>[number];

interface Target {
  record: SessionRecord;
  question: OpenQuestion;
  answer: Answer;
}

/** Answers the question that is open now, or exactly those dialogs that were shown before. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params,
}).returns<AnswerResult[]>(async (app, wanted, call) => {
  if (wanted.dialogs !== undefined) return { data: await answerShown(app, wanted, call) };
  const rows = Object.values(call.wish.known?.result ?? {}) as AnswerResult[];
  if (rows.length > 0) {
    for (const each of rows) await settled(app, each, { wanted, call });
    return { data: rows };
  }
  const asking = await askingOf(app, wanted, call);
  const targets = asking.map((record) => targetOf(record, wanted));
  const changed = targets.find(({ record }) => hasJustChanged(record, app.world.clock.now()));
  if (changed !== undefined) throw changedMeanwhile(changed.record.id);
  if (wanted.isDryRun === true) return { data: targets.map((target) => row(target, wanted)) };
  if (targets.length > 1) {
    throw new AoError("REFUSED", `${targets.length} sessions ask this, and you have not been shown all of them`, {
      hint: "Answer them with `ao answer --all`.",
    });
  }
  for (const target of targets) await answerOne(app, target, { wanted, call });
  return { data: targets.map((target) => row(target, wanted)) };
});

async function askingOf(app: App, { session, isAll }: Params, call: Call): Promise<SessionRecord[]> {
  if (isAll === true && session === null) return onlyQuestion(app);
  const named = await sessionToChange(app, session ?? "", call);
  return isAll === true ? equalQuestions(app, named) : [named];
}

function row({ record, question, answer }: Target, { isAlways }: Params): AnswerResult {
  const { dialogId, text } = question;
  return { session: record.id, dialogId, question: text, ...answer, isAlways: isAlways === true, problem: null };
}

function questionOf(record: SessionRecord): OpenQuestion {
  const question = record.status === "needs_input" ? openQuestion(record) : null;
  if (question !== null) return question;
  throw new AoError("REFUSED", `${record.id} has no open question: it is ${record.status}`, {
    hint: `Run \`ao send ${record.id} "…"\` to send it a message.`,
  });
}

function targetOf(record: SessionRecord, { words, isText, isAlways }: Params): Target {
  const question = questionOf(record);
  refuseAtLimit(record);
  const wanted = { words, isText: isText === true, isAlways: isAlways === true };
  return { record, question, answer: resolveAnswer(record.id, question, wanted) };
}

const keyOf = (record: SessionRecord): string | null => {
  const question = record.status === "needs_input" && !isCutAtLimit(record) ? openQuestion(record) : null;
  return question === null ? null : questionKey(question);
};

const askingNow = (app: App): SessionRecord[] =>
  Object.values(app.engine.state.sessions).filter((record) => keyOf(record) !== null);

/** The sessions that ask the same as this one. */
function equalQuestions(app: App, named: SessionRecord): SessionRecord[] {
  const key = keyOf(named);
  if (key === null) return [named];
  return askingNow(app).filter((record) => keyOf(record) === key);
}

/** All that ask, if there is only one question. */
function onlyQuestion(app: App): SessionRecord[] {
  const asking = askingNow(app);
  const kinds = new Set(asking.map(keyOf));
  if (kinds.size === 1) return asking;
  if (kinds.size === 0) throw new AoError("REFUSED", "there is no open question that can be answered from here");
  throw new AoError("REFUSED", `${kinds.size} different questions are open`, {
    hint: "Name a session that asks the one you mean: `ao answer <session> <choice> --all`.",
  });
}

/** Answers each shown dialog separately, so that one that has changed does not affect the others. */
async function answerShown(app: App, wanted: Params, call: Call): Promise<AnswerResult[]> {
  const shown = wanted.dialogs ?? [];
  const [only, second] = shown;
  if (only !== undefined && second === undefined) return [await answerExactly(app, only, { wanted, call })];
  return Promise.all(
    shown.map(async (dialog): Promise<AnswerResult> => {
      try {
        return await answerExactly(app, dialog, { wanted, call });
      } catch (error) {
        call.signal.throwIfAborted();
        const nothing = { question: "", choice: "", number: null, isAlways: wanted.isAlways === true };
        return { ...dialog, ...nothing, problem: toAoError(error).message };
      }
    }),
  );
}

const changedMeanwhile = (id: string): AoError =>
  new AoError("REFUSED", `${id} asks something else now, so nothing was answered`, {
    hint: `Run \`ao show ${id}\` to see the question.`,
  });

async function answerExactly(app: App, shown: Shown, { wanted, call }: { wanted: Params; call: Call }) {
  const known = call.wish.known?.result?.[shown.session] as AnswerResult | undefined;
  if (known !== undefined) {
    await settled(app, known, { wanted, call });
    return known;
  }
  const record = await sessionToChange(app, shown.session, call);
  const { dialogId, text } = questionOf(record);
  if (dialogId !== shown.dialogId || (shown.text !== undefined && shown.text !== text)) {
    throw changedMeanwhile(record.id);
  }
  const target = targetOf(record, wanted);
  await answerOne(app, target, { wanted, call });
  return row(target, wanted);
}

/** Dialogs that are being answered right now, and by which wish. A second answer is refused. */
const underWay = new Map<string, string>();

interface Answering {
  wanted: Params;
  call: Call;
}

async function answerOne(app: App, target: Target, { wanted, call }: Answering): Promise<void> {
  const { record, question, answer } = target;
  const answered = row(target, wanted);
  const keep = () => call.wish.keep({ sessionIds: [record.id], result: { [record.id]: answered } });
  if (question.dialogId === null) {
    await keep();
    await settled(app, answered, { wanted, call });
    return;
  }
  const { id: wishId } = call.wish;
  const place = `${record.id} ${question.dialogId}`;
  if ((underWay.get(place) ?? wishId) !== wishId)
    throw new AoError("REFUSED", `${record.id} is already being answered`);
  underWay.set(place, wishId);
  try {
    const wish = { wishId, dialogId: question.dialogId, ...answer, isAlways: wanted.isAlways === true };
    call.progress(`${record.id}: ${answer.number === null ? "" : `${answer.number} `}${oneLine(answer.choice, 60)}`);
    const kept = keep();
    app.engine.tell(record.id, [{ kind: "wish-answer", ...wish }]);
    await kept;
    await settled(app, answered, { wanted, call });
  } finally {
    underWay.delete(place);
  }
}

/** Resolves when an answer that was begun has reached the agent. Throws if it has not, or if that is not known. */
async function settled(app: App, { session: id, dialogId, choice }: AnswerResult, { call }: Answering): Promise<void> {
  const { id: wishId } = call.wish;
  if (dialogId === null) {
    const { sessions } = app.engine.state;
    const record = sessions[id];
    if (record === undefined) throw new AoError("NOT_FOUND", `${id} is gone`);
    await say(app, { record, text: choice, isUrgent: true, isAnswer: true, call });
    return;
  }
  await app.engine.until(
    (state) => {
      throwIfFailed(app, { id, kind: "answer", wish: call.wish });
      const record = state.sessions[id];
      if (record === undefined || record.answered?.wishId === wishId) return true;
      const isUnderWay = Object.values(state.intents).some(({ action }) => action.wishId === wishId);
      if (isUnderWay) return false;
      throw unknownOutcome(id);
    },
    { signal: call.signal },
  );
}

/** The daemon has been started anew since, and something else was answered or asked. */
const unknownOutcome = (id: string): AoError =>
  new AoError("UNCONFIRMED", `whether ${id} got the answer is not known`, {
    hint: `\`ao show ${id}\` has what is asked now.`,
  });

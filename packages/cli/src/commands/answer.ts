import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/host/text";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AnswerParams, AnswerResult } from "@agent-orchestrator/core/protocol/requests";
import type { Context, Input, Run } from "../command.ts";
import { canAsk } from "../context.ts";
import { readLine } from "../output/confirm.ts";
import { saidNo } from "../output/confirmed.ts";
import { questionLines } from "../output/question-text.ts";

export const run: Run = async (input, context) => {
  const params = paramsOf(input);
  if (params.isAll === true) return await answerAll(params, context);
  return await give(params.words === "" ? await askHuman(params, context) : params, context);
};

async function give(params: AnswerParams, context: Context): Promise<number> {
  const { data, meta } = await context.busy("answering", (tell) => context.ask("answer", params, { onProgress: tell }));
  context.show(data, () => data.map(line).join(""), meta);
  return data.some(({ problem }) => problem !== null) ? 1 : 0;
}

/** Asks on the terminal when no choice is given. Only the question that was shown is answered. */
async function askHuman(params: AnswerParams, context: Context): Promise<AnswerParams> {
  if (!canAsk(context) || params.session === null) return params;
  const { data: view } = await context.ask("show", { session: params.session });
  const { question } = view;
  if (question === null || question.onlyInTerminal !== null) return params;
  context.io.err(
    questionLines(question)
      .map((each) => `${each}\n`)
      .join(""),
  );
  const words = (await readLine(context, "answer: ")).trim();
  const { dialogId } = question;
  return { ...params, words, ...(dialogId === null ? {} : { dialogs: [{ session: view.id, dialogId }] }) };
}

function paramsOf(input: Input): AnswerParams {
  const [first = "", ...rest] = input.args;
  const isAll = input.flag("all");
  // `ao answer --all yes` means the only open question.
  const isBare = isAll && rest.length === 0;
  return {
    session: isBare ? null : first,
    words: isBare ? first : rest.join(" "),
    ...(input.flag("text") ? { isText: true } : {}),
    ...(input.flag("always") ? { isAlways: true } : {}),
    ...(isAll ? { isAll } : {}),
  };
}

/** Shows the sessions, asks, and answers those that have not changed since. */
async function answerAll(params: AnswerParams, context: Context): Promise<number> {
  const { data: shown } = await context.ask("answer", { ...params, isDryRun: true });
  const [first] = shown;
  if (first === undefined) return 0;
  const what = `answer ${choiceText(first)} to ${shown.map(({ session }) => session).join(", ")}`;
  context.io.err(`${cleanForTerminal(first.question).trimEnd()}\n`);
  const answer = await context.confirm(`${what}?`);
  if (answer === false) return saidNo(context);
  if (answer === null) throw new AoError("REFUSED", `would ${what}`, { hint: "Add --yes to do it." });
  const dialogs = shown.flatMap(({ session, dialogId }) => (dialogId === null ? [] : [{ session, dialogId }]));
  const real = dialogs.length === 0 ? { ...params, isAll: false } : { ...params, dialogs };
  return await give(real, context);
}

const choiceText = ({ choice, number }: AnswerResult): string =>
  number === null ? `“${oneLine(choice, 60)}”` : `${number} ${oneLine(choice, 60)}`;

function line(result: AnswerResult): string {
  const { session, question, problem, isAlways } = result;
  if (problem !== null) return `${session}: not answered: ${oneLine(problem)}\n`;
  return `${session}: ${choiceText(result)}${isAlways ? ", from now on" : ""} · ${oneLine(question, 100)}\n`;
}

import { AoError } from "@agent-orchestrator/core/model/errors";
import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import type { AnswerResult } from "@agent-orchestrator/core/protocol/results";
import type { ParamsOf } from "@agent-orchestrator/daemon/requests";
import type { CommandSpec, Context, Input, Run } from "../command.ts";
import { canAsk } from "../context.ts";
import { readLine } from "../output/confirm.ts";
import { saidNo } from "../output/confirmed.ts";
import { questionLines } from "../output/question-text.ts";

export const spec: CommandSpec = {
  name: "answer",
  group: "work",
  position: 90,
  summary: "Answer an agent's question or permission request",
  args: "<session> [choice...]",
  complete: "session",
  details:
    "The choice is a number as `ao show` prints it, a label, or the beginning of one. Any other words are a text answer. A permission takes a text only with --text, since a text means no. Without a choice, `ao` asks you here. The answer is refused if the question is closed or has changed.",
  options: [
    { flags: "--text", text: "take the words as text, whatever they look like" },
    { flags: "--always", text: "allow it from now on, if the agent supports that" },
    { flags: "--all", text: "answer all sessions that ask the same, after showing them" },
  ],
  examples: [
    ["ao answer app-1 1", "the first choice"],
    ["ao answer app-1 no", "by its label"],
    ["ao answer app-1 --always yes", "and never ask again"],
    ["ao answer --all yes", "the question that several sessions ask"],
  ],
};

export const run: Run = async (input, context) => {
  const params = paramsOf(input);
  if (params.isAll === true) return await answerAll(params, context);
  return await give(params.words === "" ? await askHuman(params, context) : params, context);
};

async function give(params: ParamsOf<"answer">, context: Context): Promise<number> {
  const { data, meta } = await context.busy("answering", (tell) => context.ask("answer", params, { onProgress: tell }));
  context.show(data, () => data.map(line).join(""), meta);
  return data.some(({ problem }) => problem !== null) ? 1 : 0;
}

/** Asks on the terminal when no choice is given. Only the question that was shown is answered. */
async function askHuman(params: ParamsOf<"answer">, context: Context): Promise<ParamsOf<"answer">> {
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

function paramsOf(input: Input): ParamsOf<"answer"> {
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
async function answerAll(params: ParamsOf<"answer">, context: Context): Promise<number> {
  const { data: shown } = await context.ask("answer", { ...params, isDryRun: true });
  const [first] = shown;
  if (first === undefined) return 0;
  const what = `answer ${choiceText(first)} to ${shown.map(({ session }) => session).join(", ")}`;
  context.io.err(`${cleanForTerminal(first.question).trimEnd()}\n`);
  const answer = await context.confirm(`${what}?`);
  if (answer === false) return saidNo(context);
  if (answer === null) throw new AoError("REFUSED", `would ${what}`, { hint: "Add --yes to do it." });
  const dialogs = shown.map(({ session, dialogId, question }) =>
    dialogId === null ? { session, dialogId, text: question } : { session, dialogId },
  );
  return await give({ ...params, dialogs }, context);
}

const choiceText = ({ choice, number }: AnswerResult): string =>
  number === null ? `“${oneLine(choice, 60)}”` : `${number} ${oneLine(choice, 60)}`;

function line(result: AnswerResult): string {
  const { session, question, problem, isAlways } = result;
  if (problem !== null) return `${session}: not answered: ${oneLine(problem)}\n`;
  return `${session}: ${choiceText(result)}${isAlways ? ", from now on" : ""} · ${oneLine(question, 100)}\n`;
}

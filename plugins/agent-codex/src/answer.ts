import { notOpen, pickByKeys } from "@agent-orchestrator/agent-kit/answers";
import { screenAt } from "@agent-orchestrator/agent-kit/terminal";
import { until } from "@agent-orchestrator/agent-kit/until";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AnswerOptions } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { isReadable } from "@agent-orchestrator/plugin-kit/readable";
import { isAsking, type Link, notConnected, readyRpc } from "./link.ts";
import { menuOf } from "./screen/screen.ts";
import type { Question } from "./server/asked.ts";

const READY_MS = 5_000;
const TAKEN_MS = 5_000;
const LOOK_MS = 20;

/** Answers the open request through the app server, or by keys if only the terminal shows the list. */
export async function answer(link: Link, text: string, options: AnswerOptions & { clock: Clock }): Promise<void> {
  const { dialog, number, terminal, clock, signal } = options;
  if (dialog.id.startsWith("screen-")) {
    if (number === null) throw new AoError("REFUSED", "this accepts only one of its choices");
    const marked = async (): Promise<number> => {
      const screen = await screenAt(options);
      const menu = screen === null || !isReadable(screen) ? null : menuOf(screen.rows);
      if (menu === null || menu.dialog.id !== dialog.id) throw notOpen();
      return menu.marked;
    };
    await pickByKeys({ terminal, clock, signal, wanted: number - 1, marked });
    return;
  }
  const rpc = await readyRpc(link, { clock, ms: READY_MS, signal });
  if (rpc === null) throw notConnected();
  // After a restart of the daemon, open requests arrive again once we listen to the conversation.
  const isThere = () => link.requests.current() !== null || !isAsking(link);
  await until(isThere, { clock, ms: READY_MS, everyMs: LOOK_MS, signal });
  const open = link.requests.current();
  if (open === null || open.question.dialog.id !== dialog.id) throw notOpen();
  const reply = replyTo(open.question, text, options);
  const whole = link.requests.reply(open.id, reply);
  if (whole === null) {
    link.teller.soon(); // The same request has another question.
    return;
  }
  rpc.reply(open.id, whole.result);
  const isTaken = await until(() => !link.requests.has(open.id), { clock, ms: TAKEN_MS, everyMs: LOOK_MS, signal });
  if (!isTaken) throw new AoError("UNREACHABLE", "Codex did not accept the answer");
}

function replyTo(question: Question, text: string, { number, isAlways }: AnswerOptions): unknown {
  const { choices, dialog } = question;
  if (dialog.onlyInTerminal !== undefined) throw new AoError("REFUSED", dialog.onlyInTerminal, { hint: "`ao attach`" });
  if (isAlways) {
    const chosen = number === null ? undefined : choices[number - 1];
    const lasting =
      chosen?.isAlways === true ? chosen : chosen === choices[0] ? choices.find((each) => each.isAlways) : undefined;
    if (lasting === undefined) throw new AoError("REFUSED", "Codex has no permanent form of this choice");
    return lasting.reply;
  }
  if (number === null) {
    if (question.reply === null) throw new AoError("REFUSED", "this accepts only one of its choices");
    return question.reply(text);
  }
  const chosen = choices[number - 1];
  if (chosen === undefined) throw new AoError("REFUSED", `there is no choice ${number}`);
  return chosen.reply;
}

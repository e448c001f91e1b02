import { notOpen } from "@agent-orchestrator/agent-kit/answers";
import { pressAt } from "@agent-orchestrator/agent-kit/terminal";
import { until } from "@agent-orchestrator/agent-kit/until";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AnswerOptions } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { addAlways } from "./auto-answer.ts";
import type { Place } from "./launch/place.ts";
import type { Present } from "./present.ts";
import type { Choice } from "./screen/confirm.ts";

const TAKEN_WITHIN_MS = 3_000;
const STEP_MS = 50;

export interface AnswerOf {
  present: Present;
  place: Place;
  clock: Clock;
}

/** Answers by keys, because aider has no other way. Only while this very question is at its prompt, and nothing is typed behind it. */
export async function answer(of: AnswerOf, choice: string, options: AnswerOptions): Promise<void> {
  const { present, clock, place } = of;
  const { terminal, signal, dialog, number, isAlways } = options;
  const { asked, dialog: open } = await present.look(terminal, signal);
  if (open === null || open.id !== dialog.id) throw notOpen();
  if (asked === null)
    throw refused(open.onlyInTerminal ?? "this question cannot be read", "Answer it in the terminal: `ao attach`.");
  const { confirm } = asked.reading;
  if (confirm.typed !== "") throw refused("somebody is typing an answer in the terminal", "Look again in a moment.");
  const chosen = choiceOf(confirm.choices, choice, number);
  if (isAlways) {
    if (chosen.key !== "y" || asked.subject === "")
      throw refused("only a yes to a named file or command can be permanent", "Answer without `--always`.");
    addAlways(place, confirm.question, asked.subject);
  }
  const before = present.taken;
  await pressAt(options, [{ char: chosen.key }, "Enter"]);
  const isTaken = () => {
    present.readOn();
    return present.taken > before;
  };
  if (await until(isTaken, { clock, ms: TAKEN_WITHIN_MS, everyMs: STEP_MS, signal })) return;
  throw new AoError("UNCONFIRMED", "the answer was typed, and aider did not confirm it", {
    hint: "Check with `ao attach` before you answer again.",
  });
}

function choiceOf(choices: readonly Choice[], text: string, number: number | null): Choice {
  const wanted = text.trim().toLowerCase();
  const found =
    number === null
      ? choices.find(({ label, key }) => label.toLowerCase() === wanted || key === wanted)
      : choices[number - 1];
  if (found !== undefined) return found;
  throw refused(`aider takes one of: ${choices.map(({ label }) => label).join(", ")}`, "Name one of them.");
}

const refused = (message: string, hint: string): AoError => new AoError("REFUSED", message, { hint });

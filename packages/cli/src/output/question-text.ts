import type { OpenQuestion } from "@agent-orchestrator/core/model/session-view";
import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";

/** The question in the agent's words, and its numbered choices. */
export function questionLines({ text, choices }: OpenQuestion): string[] {
  const asked = cleanForTerminal(text).trim().split("\n");
  return [...asked, ...choices.map((choice, index) => `${index + 1}. ${oneLine(choice, 200)}`)];
}

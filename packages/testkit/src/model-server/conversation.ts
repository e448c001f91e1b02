import { hasScript, parseScript, type Step } from "./script.ts";

/** The common part of all three protocols, as aimock reads them. */
export interface ModelMessage {
  role: string;
  content: unknown;
  tool_calls?: unknown[];
}

/** The position of a conversation: the script of the last user message that has one, and how far it was played. */
export interface Position {
  /** Everything that the user said, without what the program itself added. */
  users: string[];
  /** What the tools returned since the user's last message. */
  results: string[];
  /** The step to play. Null if there is nothing (more) to play, and `echo` is the answer. */
  step: Step | null;
  stepNumber: number;
  /** Names this step of this message, for what is counted over repeated requests. */
  key: string;
  echo: string;
}

const OURS =
  /<(system-reminder|environment_context|user_instructions|permissions instructions|local-command-caveat|INSTRUCTIONS|skills_instructions|apps_instructions|collaboration_mode)[^>]*>[\s\S]*?<\/\1>/g;
const STOPPED =
  /\[Request interrupted by user|<turn_aborted>|aborted by user|Tool execution aborted|doesn't want to proceed|rejected permission/i;

/** The model's summary. A script that was written before it is over, even where the program keeps the user's messages. */
export const SUMMARY = "Some work was done, and nothing is left to do.";

export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: { text?: unknown }) => (typeof part?.text === "string" ? part.text : "")).join("\n");
}

/** The user's own text in a user message. Empty if the program wrote all of it. */
export function userText(content: unknown): string {
  return textOf(content).replace(OURS, "").trim();
}

export function readPosition(messages: ModelMessage[]): Position {
  const users = messages.filter(({ role }) => role === "user").map(({ content }) => userText(content));
  const begin = messages.findLastIndex(({ content }) => textOf(content).includes(SUMMARY));
  const found = messages.findLastIndex(({ role, content }) => role === "user" && hasScript(userText(content)));
  const at = found > begin ? found : -1;
  const echo = users.findLast((text) => text !== "") ?? "";
  const lastUser = messages.findLastIndex(({ role, content }) => role === "user" && userText(content) !== "");
  const results = messages
    .slice(lastUser + 1)
    .filter(({ role }) => role === "tool")
    .map(({ content }) => textOf(content));
  const said = [...users, ...handedOver(messages)].filter((text) => text !== "");
  if (at < 0 || isOver(messages.slice(at + 1))) {
    return { users: said, results, step: null, stepNumber: 0, key: "", echo };
  }
  const script = userText(messages[at]?.content);
  const steps = parseScript(script);
  const stepNumber = messages.slice(at + 1).filter(({ role }) => role === "tool").length;
  const step = steps[stepNumber] ?? null;
  const key = `${at}:${stepNumber}`;
  return { users: said, results, step, stepNumber, key, echo };
}

/** Some versions send a message from the middle of a turn as a system message. */
function handedOver(messages: ModelMessage[]): string[] {
  const first = messages.findIndex(({ role }) => role === "user");
  if (first < 0) return [];
  return messages.slice(first + 1).flatMap(({ role, content }) => (role === "system" ? [userText(content)] : []));
}

/**
 * A script is over once the model has sent its last message, or the turn was stopped, and the user has said something else since. A
 * message that the program adds to the running turn, next to a tool's result, does not end it.
 */
function isOver(rest: ModelMessage[]): boolean {
  let ended = false;
  for (const { role, content, tool_calls } of rest) {
    if (role === "assistant" && (tool_calls ?? []).length === 0 && textOf(content) !== "") ended = true;
    if ((role === "tool" || role === "user") && STOPPED.test(textOf(content))) ended = true;
    if (role === "user" && ended && userText(content) !== "" && !isOnlyMark(content)) return true;
  }
  return false;
}

const isOnlyMark = (content: unknown): boolean => {
  const text = userText(content);
  return STOPPED.test(text) && text.replace(/\[[^\]]*\]|<turn_aborted>[\s\S]*?<\/turn_aborted>/g, "").trim() === "";
};

import type { PermissionOption, RequestPermissionRequest } from "@agentclientprotocol/sdk";
import type { Choice } from "./dialogs.ts";
import { shortDiff } from "./diff.ts";
import { cleanLines, head } from "./paint.ts";
import { choiceFor } from "./permit.ts";
import type { Talk } from "./talk.ts";
import type { ToolCall } from "./tool-calls.ts";
import { name } from "./tool-lines.ts";

const DIFF_LINES = 12;

type Outcome = { outcome: { outcome: "cancelled" } | { outcome: "selected"; optionId: string } };

/** Answers a permission request from the session's permissions if they decide, else asks the user. */
export async function askPermission(talk: Talk, request: RequestPermissionRequest): Promise<Outcome> {
  const { spec, calls, dialogs, turns } = talk;
  turns.noteSign();
  // Ignore the call's status here. Some agents report `pending` for one that has already started.
  const { status: _status, ...told } = request.toolCall;
  const { call } = calls.take(told);
  const toolCall = { ...request.toolCall, kind: call.kind };
  const free = choiceFor({ toolCall, options: request.options }, { ...spec, mode: spec.permissions });
  if (free !== null) return selected(free);
  const answer = await dialogs.ask({
    kind: "permission",
    text: questionOf(call),
    choices: request.options.map(choiceOf),
  });
  const option = answer !== null && "index" in answer ? request.options[answer.index] : undefined;
  return option === undefined ? { outcome: { outcome: "cancelled" } } : selected(option);
}

const selected = ({ optionId }: PermissionOption): Outcome => ({ outcome: { outcome: "selected", optionId } });

const choiceOf = ({ name: label, kind }: PermissionOption): Choice => ({
  label,
  isAlways: kind === "allow_always" || kind === "reject_always",
  isRefusal: kind.startsWith("reject"),
});

/** The question, for a user who sees nothing else: the whole command, or the file and its changes. */
export function questionOf(call: ToolCall): string {
  if (call.command !== null) return `May it run this? ${cleanLines(call.command).join("\n")}`;
  const diffs = call.content.flatMap((each) => (each.type === "diff" ? [each] : []));
  const changes = diffs.flatMap(({ path, oldText, newText }) => {
    const { added, removed, lines } = shortDiff(oldText ?? null, newText);
    return [`${path} (+${added} −${removed})`, ...head(lines, DIFF_LINES)];
  });
  return [`May it do this? ${name(call)}`, ...changes].join("\n");
}

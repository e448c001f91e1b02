import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ReviewParams } from "@agent-orchestrator/core/protocol/requests";
import type { Input, Run } from "../command.ts";
import { sessionText } from "../output/session-text.ts";
import { readStdin } from "../output/stdin.ts";

const STATES = [
  ["approve", "approved"],
  ["request-changes", "changes_requested"],
  ["comment", "commented"],
] as const;

export const run: Run = async (input, context) => {
  const message = input.text("message");
  const body = message === "-" ? await readStdin(context.io) : message;
  const headSha = input.text("head");
  const comments = input.list("at").map(parsePlace);
  const state = stateOf(input);
  if (state !== "approved" && comments.length === 0 && (body ?? "").trim() === "") {
    throw new AoError("USAGE", "the review has no text", {
      hint: "Add a text with -m, or a comment with --at path:line=text.",
    });
  }
  const params: ReviewParams = {
    session: input.args[0] ?? "",
    state,
    ...(body === undefined ? {} : { body }),
    ...(comments.length === 0
      ? {}
      : { comments: comments.map((comment) => ({ ...comment, body: comment.body || (body ?? "") })) }),
    ...(headSha === undefined ? {} : { headSha }),
  };
  const { data, meta } = await context.ask("review", params);
  context.show(data, () => sessionText(data), meta);
  return 0;
};

function stateOf(input: Input): ReviewParams["state"] {
  const chosen = STATES.filter(([name]) => input.flag(name));
  const [only] = chosen;
  if (only === undefined || chosen.length > 1) {
    throw new AoError("USAGE", "use exactly one of --approve, --request-changes and --comment");
  }
  return only[1];
}

/** `src/app.ts:12=use the helper`. Without a text, the text of the review is used. */
export function parsePlace(place: string): { path: string; line?: number; body: string } {
  const match = /^(.+?):(\d{1,9})(?:=([\s\S]*))?$/.exec(place) ?? /^([^=]+?)()(?:=([\s\S]*))?$/.exec(place);
  const [, path, line, body = ""] = match ?? [];
  if (path === undefined || path.startsWith(":") || line === "0") {
    throw new AoError("USAGE", `--at ${JSON.stringify(place)} is not path:line`, {
      hint: "For example, --at src/app.ts:12='use the helper'.",
    });
  }
  return { path, ...(line ? { line: Number(line) } : {}), body };
}

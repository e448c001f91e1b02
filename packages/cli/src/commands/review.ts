import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ParamsOf } from "@agent-orchestrator/daemon/requests";
import type { CommandSpec, Input, Run } from "../command.ts";
import { sessionText } from "../output/session-text.ts";
import { readStdin } from "../output/stdin.ts";

export const spec: CommandSpec = {
  name: "review",
  group: "finish",
  position: 10,
  summary: "Review a session's pull request",
  args: "<session>",
  complete: "session",
  options: [
    { flags: "--approve", text: "approve the commit the branch points to now" },
    { flags: "--request-changes", text: "ask the agent for changes" },
    { flags: "--comment", text: "comment without a verdict" },
    { flags: "-m, --message <text>", text: "text of the review, or - to read it from stdin" },
    { flags: "--at <place>", text: "comment on path:line[=text]; repeatable", isList: true },
    { flags: "--head <sha>", text: "commit that you reviewed" },
  ],
  examples: [
    ["ao review app-1 --approve", "approve it"],
    ['ao review app-1 --request-changes -m "no retries, please"', "the text goes to the agent"],
    ["ao review app-1 --request-changes --at src/app.ts:12='use the helper'", "comment on one line"],
  ],
};

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
  const params: ParamsOf<"review"> = {
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

function stateOf(input: Input): ParamsOf<"review">["state"] {
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

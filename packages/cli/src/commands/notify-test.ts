import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import type { ResultOf } from "@agent-orchestrator/daemon/requests";
import type { CommandSpec, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "notify test",
  group: "set-up",
  position: 110,
  summary: "Send a test notification through every channel, or through one, and show what arrives",
  args: "[channel]",
  examples: [
    ["ao notify test", "every channel"],
    ["ao notify test phone --json", "one channel, with what its far end got as `body`"],
  ],
};

export const run: Run = async (input, context) => {
  const [channel] = input.args;
  const { data, meta } = await context.ask("notify-test", channel === undefined ? {} : { channel });
  const human = () => (data.length === 0 ? "No notification channel is configured.\n" : data.map(rowText).join(""));
  context.show(data, human, meta);
  return data.length > 0 && data.every(({ ok }) => ok) ? 0 : 69;
};

type Row = ResultOf<"notify-test">[number];

function rowText({ channel, ok, text, sent, body }: Row): string {
  const lines = sent === undefined ? [] : [...contentLines(sent), ...bodyLines(body ?? null)];
  return [`${ok ? "✓" : "✗"} ${oneLine(channel)}: ${oneLine(text, 300)}`, ...lines, ""].join("\n");
}

function contentLines({ priority, title, message, question, command, links }: NonNullable<Row["sent"]>): string[] {
  const choices = question?.choices.map((choice, index) => `${index + 1} ${oneLine(choice)}`).join(" · ") ?? "";
  const said: [string, string | undefined][] = [
    ["title", title],
    ["message", message],
    ["question", question?.text],
    ["choices", choices],
    ["to do", command ?? undefined],
    ...links.map(({ label, url }): [string, string] => ["link", `${label}: ${url}`]),
    ["priority", priority],
  ];
  return said.flatMap(([name, value = ""]) => (value === "" ? [] : [`  ${name.padEnd(8)}  ${oneLine(value, 500)}`]));
}

/** What the far end got, whole. */
const bodyLines = (body: string | null): string[] =>
  body === null
    ? []
    : cleanForTerminal(body)
        .split("\n")
        .map((line, index) => `  ${index === 0 ? "sent as " : "        "}  ${line}`);

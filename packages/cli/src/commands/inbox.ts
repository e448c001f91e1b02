import type { CommandSpec, Context, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "inbox",
  group: "look",
  position: 5,
  summary: "Go through everything that needs you, the worst first",
  details:
    "Shows what waits for you in all projects, and keeps it up to date. `ao` alone does the same on a terminal. Sessions that ask exactly the same share a row, and an answer goes to all of them. " +
    "Keys: Enter attaches and comes back, a answers, v views a long question, d shows the changes, r reviews, m merges, s sends a message, x explains, z snoozes, n goes to the next row, ? lists all keys, q quits. " +
    "A key is about the row that was shown when you pressed it. If that has changed, nothing is done. Without a terminal the rows are printed once.",
  options: [
    { flags: "--plain", text: "print lines and take typed commands, for screen readers" },
    { flags: "-a, --all", text: "with --json or without a terminal: include what is snoozed" },
  ],
  examples: [
    ["ao", "the same as ao inbox, on a terminal"],
    ["ao inbox --plain", "for a screen reader"],
    ["ao inbox --json | jq '.data[].reason'", "for scripts"],
  ],
};

export const run: Run = async (input, context) => {
  const { io, isJson } = context;
  if (isJson || !io.isOutTty || !io.isInTty) return await printOnce(context, input.flag("all"));
  if (input.flag("plain") || io.env.TERM === "dumb") {
    const { plainInbox } = await import("../inbox/plain.ts");
    return await plainInbox(context);
  }
  const { liveInbox } = await import("../inbox/live.ts");
  return await liveInbox(context);
};

async function printOnce(context: Context, isAll: boolean): Promise<number> {
  const { data, meta } = await context.ask("inbox", {});
  const rows = isAll ? data : data.filter(({ snoozedUntil }) => snoozedUntil === null);
  const { inboxText } = await import("../inbox/row-text.ts");
  context.show(rows, () => inboxText(isAll ? rows : data, meta, context.io.now()), meta);
  return 0;
}

import type { CommandSpec, Run } from "../command.ts";
import { colourDiff, colourStat } from "../output/diff-colours.ts";
import { page } from "../output/pager.ts";

export const spec: CommandSpec = {
  name: "diff",
  group: "look",
  position: 80,
  summary: "Show what a session changed, from the merge base to its working copy, untracked files included",
  args: "<session> [path...]",
  complete: "session",
  details:
    "On a terminal it follows your git settings (colours, prefixes, context, pager). Piped, it is a patch that `git apply` accepts, whatever your settings are.",
  options: [
    { flags: "--stat", text: "show one line per file" },
    { flags: "--staged", text: "show only what is staged, compared with the last commit" },
  ],
  examples: [
    ["ao diff app-1", "read it"],
    ["ao diff app-1 src/date.ts", "one file or folder"],
    ["ao diff app-1 --stat", "which files changed"],
    ["ao diff app-1 | git apply", "apply the changes to your own checkout"],
  ],
};

export const run: Run = async (input, context) => {
  const { io } = context;
  const [session = "", ...paths] = input.args;
  const isStat = input.flag("stat");
  const isForDisplay = io.isOutTty && !context.isJson;
  const { data, meta } = await context.ask("diff", {
    session,
    ...(paths.length === 0 ? {} : { paths }),
    ...(input.flag("staged") ? { isStaged: true } : {}),
    ...(isStat ? { statColumns: Math.min(1_000, Math.max(20, io.columns())) } : {}),
    ...(isForDisplay ? { isForDisplay } : {}),
  });
  if (isForDisplay && data.text !== "") {
    const text = visible(data.text);
    return await page(context, await (isStat ? colourStat : colourDiff)(io, text));
  }
  if (data.bytes === undefined || context.isJson) context.show(data, () => ({ verbatim: data.text }), meta);
  else io.outBytes(Buffer.from(data.bytes, "base64"));
  return 0;
};

/** On a terminal a stranger's escape sequences are shown, not obeyed. Piped, the text stays a patch, byte for byte. */
function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u000d\u000e-\u001f\u007f-\u009f]/g, (char) => {
    if (char === "\r") return "";
    const code = char.charCodeAt(0);
    return code < 0x20 ? `^${String.fromCharCode(code + 64)}` : `\\x${code.toString(16)}`;
  });
}

import type { Run } from "../command.ts";
import { runChild } from "../output/child.ts";

export const run: Run = async (input, context) => {
  const { io } = context;
  const { data, meta } = await context.ask("diff", { session: input.args[0] ?? "" });
  if (context.isJson || !io.isOutTty || data.text === "") {
    context.show(data, () => data.text, meta);
    return 0;
  }
  const pager = await pagerOf(io.env);
  if (pager === "cat" || pager === "") {
    io.out(visible(data.text));
    return 0;
  }
  // git's pager is a command line of the user's own config, as git itself runs it.
  const env = { LESS: "FRX", LV: "-c", ...io.env };
  const { status } = await runChild(["/bin/sh", "-c", pager], { env, input: visible(data.text) });
  return status === 127 || status === 126 ? 69 : 0;
};

/** What `git var` says: GIT_PAGER, core.pager, PAGER, less. */
async function pagerOf(env: Record<string, string>): Promise<string> {
  try {
    const { status, stdout } = await runChild(["git", "var", "GIT_PAGER"], { env, isCaptured: true });
    return status === 0 ? stdout.trim() : "cat";
  } catch {
    return "cat"; // no git: doctor says so
  }
}

/** On a terminal a stranger's escape sequences are shown, not obeyed. Piped, the text stays a patch, byte for byte. */
function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u000d\u000e-\u001f\u007f-\u009f]/g, (char) => {
    if (char === "\r") return "";
    const code = char.charCodeAt(0);
    return code < 0x20 ? `^${String.fromCharCode(code + 64)}` : `\\x${code.toString(16)}`;
  });
}

import type { Run } from "../command.ts";
import { page } from "../output/pager.ts";

export const run: Run = async (input, context) => {
  const { io } = context;
  const { data, meta } = await context.ask("diff", { session: input.args[0] ?? "" });
  if (context.isJson || !io.isOutTty || data.text === "") {
    context.show(data, () => data.text, meta);
    return 0;
  }
  return await page(context, visible(data.text));
};

/** On a terminal a stranger's escape sequences are shown, not obeyed. Piped, the text stays a patch, byte for byte. */
function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u000d\u000e-\u001f\u007f-\u009f]/g, (char) => {
    if (char === "\r") return "";
    const code = char.charCodeAt(0);
    return code < 0x20 ? `^${String.fromCharCode(code + 64)}` : `\\x${code.toString(16)}`;
  });
}

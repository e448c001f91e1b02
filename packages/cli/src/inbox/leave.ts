import type { Context, Input } from "../command.ts";
import { readLine } from "../output/confirm.ts";
import type { Visit } from "./model.ts";

const inputOf = (id: string): Input => ({
  args: [id],
  text: () => undefined,
  flag: () => false,
  list: () => [],
});

/** Runs a command on the whole terminal. What only prints waits for Enter, so that it can be read. */
export async function visit(context: Context, { kind, session: { id } }: Visit): Promise<void> {
  if (kind === "attach") {
    const { attachTo } = await import("../commands/attach.ts");
    await attachTo(context, id);
    return;
  }
  context.io.out(`\u001b[H\u001b[2J${kind === "diff" ? `Changes of ${id}, if there are any:\n\n` : ""}`);
  const { run } = await (kind === "diff" ? import("../commands/diff.ts") : import("../commands/explain.ts"));
  await run(inputOf(id), context);
  await readLine(context, "Press Enter to go back to the inbox. ");
}

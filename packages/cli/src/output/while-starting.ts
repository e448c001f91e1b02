import type { Context } from "../command.ts";

/**
 * Waits for sessions to start, with a spinner. Ctrl-C ends only the waiting. The daemon continues, and a line says how to stop that too.
 */
export async function whileStarting<T>(
  context: Context,
  { text, session }: { text: string; session: string | null },
  work: (tell: (text: string) => void) => Promise<T>,
): Promise<T> {
  const ids = new Set(session === null ? [] : [session]);
  const leave = () => {
    context.io.err(`\n${goesOn([...ids])}`);
    process.exit(130);
  };
  process.once("SIGINT", leave);
  try {
    return await context.busy(text, (tell) =>
      work((line) => {
        const id = /^([\w-]+-\d+): /.exec(line)?.[1];
        if (id !== undefined) ids.add(id);
        tell(line);
      }),
    );
  } finally {
    process.off("SIGINT", leave);
  }
}

function goesOn(ids: readonly string[]): string {
  if (ids.length === 0) return "ao: stopped waiting; `ao status` shows whether anything was started\n";
  const names = ids.join(" ");
  const verb = ids.length === 1 ? "keeps" : "keep";
  return `ao: stopped waiting; ${ids.join(", ")} ${verb} starting\n  \`ao status\` shows it, \`ao kill ${names}\` ends it\n`;
}

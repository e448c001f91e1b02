import { oneLine } from "@agent-orchestrator/core/model/text";
import type { Io } from "./io.ts";

type Tell = (text: string) => void;

/** A quick answer shows no spinner. */
const PATIENCE_MS = 150;

/** Shows a spinner on stderr while `work` runs, if that is a terminal. Leaves nothing behind. */
export async function withSpinner<T>(
  io: Io,
  { text, isQuiet }: { text: string; isQuiet: boolean },
  work: (tell: Tell) => Promise<T>,
): Promise<T> {
  if (isQuiet || !io.isErrTty || io.env.TERM === "dumb" || io.env.CI !== undefined) return await work(() => undefined);
  let line = text;
  let spinner: { text: string; stop(): unknown } | null = null;
  let isOver = false;
  const timer = setTimeout(() => void begin(), PATIENCE_MS);
  const begin = async () => {
    const { default: ora } = await import("ora");
    if (!isOver) spinner = ora({ text: line, stream: io.stderr, discardStdin: false }).start();
  };
  try {
    return await work((more) => {
      line = `${text}: ${oneLine(more, Math.max(20, io.columns() - text.length - 6))}`;
      if (spinner !== null) spinner.text = line;
    });
  } finally {
    isOver = true;
    clearTimeout(timer);
    (spinner as { stop(): unknown } | null)?.stop();
  }
}

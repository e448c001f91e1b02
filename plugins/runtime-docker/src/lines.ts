import type { Desk } from "./launch.ts";
import type { Run } from "./layout.ts";
import { type Line, openLine } from "./line.ts";

/** One connection for each running program, opened when it is first needed. */
export interface Lines {
  /** Null if the program does not run. */
  of(run: Run): Promise<Line | null>;
  close(): Promise<void>;
}

export function lines({ engine, context }: Desk): Lines {
  const open = new Map<string, Promise<Line | null>>();

  async function connect(run: Run): Promise<Line | null> {
    const line = await openLine(engine, run, context);
    if (line === null) open.delete(run.key);
    else void line.ended.then(() => open.delete(run.key));
    return line;
  }

  return {
    of(run) {
      const known = open.get(run.key);
      if (known !== undefined) return known;
      const line = connect(run).catch((error: unknown) => {
        open.delete(run.key);
        throw error;
      });
      open.set(run.key, line);
      return line;
    },
    async close() {
      const all = await Promise.allSettled(open.values());
      for (const each of all) if (each.status === "fulfilled") each.value?.close();
    },
  };
}

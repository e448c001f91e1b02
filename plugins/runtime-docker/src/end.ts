import type { Desk } from "./launch.ts";
import { forget } from "./launch.ts";
import type { Run } from "./layout.ts";

/** Ends everything in the container and removes it. TERM goes to the program; what is left after the grace is killed. */
export async function end({ engine, options }: Desk, run: Run): Promise<void> {
  const t = Math.ceil(options.graceMs / 1000);
  await engine
    .find((client) => client.getContainer(run.key).stop({ t }))
    .catch((error: unknown) => {
      // It has ended already.
      if ((error as { cause?: { statusCode?: number } }).cause?.statusCode !== 304) throw error;
    });
  await forget(engine, run);
}

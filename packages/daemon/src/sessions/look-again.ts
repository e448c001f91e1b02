import type { App } from "../app.ts";

/** What was out of reach is looked at now, and not when it is next due. `after` is for the log: what brought it back. */
export function lookAgain(app: App, after: string): void {
  void app.observers.lookAtAll().catch((error: unknown) => app.world.log.warn(`look after ${after}: ${String(error)}`));
}

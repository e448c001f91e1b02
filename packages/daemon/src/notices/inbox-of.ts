import { ownContext } from "@agent-orchestrator/core/decide/context";
import { inboxRows } from "@agent-orchestrator/core/decide/inbox";
import type { InboxRow } from "@agent-orchestrator/core/model/inbox";
import type { App } from "../app.ts";

/** What waits for the user now, in all instances. */
export function inboxOf({ world, engine }: Pick<App, "world" | "engine">): InboxRow[] {
  const nowMs = world.clock.now();
  const { state } = engine;
  return inboxRows(Object.values(state.sessions), {
    nowMs,
    // All that the rows need of a context. The rest of it looks at the other sessions, for each of them.
    contextOf: (record) => ownContext({ policy: world.policy(record, state), nowMs }),
  });
}

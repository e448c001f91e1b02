import type { CallOptions, PluginContext } from "@agent-orchestrator/core/slots/common";
import { createLinear, type Linear } from "./client.ts";
import type { Options } from "./options.ts";
import { type TeamInfo, teamOf } from "./team.ts";
import { type UserInfo, userOf } from "./users.ts";

/** What the methods of this plugin share. */
export interface Desk {
  linear: Linear;
  options: Options;
  /** As it is in addresses. Null before the first issue was read. */
  workspace: string | null;
  team(options?: CallOptions): Promise<TeamInfo>;
  /** Whose issues are the user's. */
  me(options?: CallOptions): Promise<UserInfo>;
}

export function createDesk(options: Options, context: PluginContext): Desk {
  const linear = createLinear(options, context);
  return {
    linear,
    options,
    workspace: null,
    team: remembered((call) => teamOf(linear, options.team, call)),
    me: remembered((call) => userOf(linear, options.user ?? null, call)),
  };
}

/** Asked once. A failure is not kept. */
function remembered<T>(ask: (call: CallOptions) => Promise<T>): (call?: CallOptions) => Promise<T> {
  let known: T | undefined;
  return async (call = {}) => {
    known ??= await ask(call);
    return known;
  };
}

import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { App } from "../app.ts";
import type { InstanceConfig } from "../config/instance.ts";

/** The caller's config, for what may be examined only once it is trusted. Null if it isn't, or has problems: these have their own row. */
export async function trustedConfig(app: App, caller: Caller): Promise<InstanceConfig | null> {
  try {
    const instance = await app.configs.forCaller(caller);
    return instance.trust.isTrusted ? instance : null;
  } catch {
    return null; // No config, or a broken one.
  }
}

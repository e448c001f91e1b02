import type { InstanceConfig } from "../config/instance.ts";

/** What of an instance's config says where plugins may come from. */
export type PluginScope = Pick<InstanceConfig, "id" | "dir" | "plugins" | "trust"> &
  Partial<Pick<InstanceConfig, "agents">>;

import type { InstanceConfig } from "../config/instance.ts";

/** The part of an instance's config that says where plugins may come from. */
export type PluginScope = Pick<InstanceConfig, "id" | "dir" | "plugins" | "trust"> &
  Partial<Pick<InstanceConfig, "agents">>;

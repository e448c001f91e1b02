import { nearest } from "@agent-orchestrator/core/host/suggest";
import type { ConfigInput } from "@agent-orchestrator/core/model/config";
import type { PluginChoice } from "@agent-orchestrator/core/model/project";
import type { Priority } from "@agent-orchestrator/core/model/status";

export interface Channels {
  notifiers: Record<string, PluginChoice>;
  routing: Record<Priority, string[]>;
  /** Channels that are named but not defined and look like a typo: name → what was probably meant. */
  slips: Map<string, string>;
}

/**
 * Which channel gets what. Without a routing, `urgent` and `action` go to `defaults.notifiers`, and everything else to none. A channel
 * that is only named is the plugin of that name without options. A missing plugin fails when it is used.
 */
export function resolveNotifiers(config: ConfigInput, embedded: readonly string[]): Channels {
  const standard = config.defaults?.notifiers ?? [...embedded];
  const given = config.notificationRouting ?? {};
  const routing: Record<Priority, string[]> = {
    urgent: given.urgent ?? standard,
    action: given.action ?? standard,
    warning: given.warning ?? [],
    info: given.info ?? [],
  };
  const named = Object.entries(config.notifiers ?? {}).map(([name, entry]): [string, PluginChoice] => {
    const { plugin, ...options } = entry;
    return [name, { plugin: plugin ?? name, options }];
  });
  const notifiers = new Map(named);
  const known = [...notifiers.keys(), ...embedded];
  const slips = new Map<string, string>();
  for (const name of [...(config.defaults?.notifiers ?? []), ...Object.values(routing).flat()]) {
    if (notifiers.has(name)) continue;
    notifiers.set(name, { plugin: name, options: {} });
    const meant = known.includes(name) ? null : nearest(name, known, true);
    if (meant !== null) slips.set(name, meant);
  }
  return { notifiers: Object.fromEntries(notifiers), routing, slips };
}

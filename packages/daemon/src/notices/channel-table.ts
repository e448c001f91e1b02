import { createHash } from "node:crypto";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { type ChannelId, channelName, type NotifyPolicy } from "@agent-orchestrator/core/model/notice";
import type { PluginChoice } from "@agent-orchestrator/core/model/project";
import type { InstanceConfig } from "../config/instance.ts";

/** One notifier of a config. Equal ones of several configs are the same channel. */
export interface Channel {
  id: ChannelId;
  name: string;
  choice: PluginChoice;
  /** One of the configs that have it. */
  instance: InstanceConfig;
}

export function channelId(name: string, choice: PluginChoice): ChannelId {
  const digest = createHash("sha256").update(JSON.stringify(choice)).digest("hex");
  return `${name}#${digest.slice(0, 12)}`;
}

/** Instances are immutable, and decisions ask for this often. */
const policies = new WeakMap<InstanceConfig, NotifyPolicy>();

export function notifyPolicyOf(instance: InstanceConfig): NotifyPolicy {
  const known = policies.get(instance);
  if (known !== undefined) return known;
  const ids = (names: readonly string[]): ChannelId[] =>
    names.map((name) => channelId(name, instance.notifiers[name] ?? { plugin: name, options: {} }));
  const { urgent, action, warning, info } = instance.routing;
  const policy: NotifyPolicy = {
    channels: { urgent: ids(urgent), action: ids(action), warning: ids(warning), info: ids(info) },
    quiet: instance.quiet,
    reminders: instance.reminders.map(({ afterMs, names }) => ({ afterMs, channels: names && ids(names) })),
  };
  policies.set(instance, policy);
  return policy;
}

/** Every channel of these configs, each once. */
export function channelsOf(instances: readonly InstanceConfig[]): Map<ChannelId, Channel> {
  const found = new Map<ChannelId, Channel>();
  for (const instance of instances) {
    for (const [name, choice] of Object.entries(instance.notifiers)) {
      const id = channelId(name, choice);
      if (!found.has(id)) found.set(id, { id, name, choice, instance });
    }
  }
  return found;
}

/** Names a channel as its own config does, and those of other configs with their folder. */
export function nameFrom(here: InstanceConfig | null, instances: readonly InstanceConfig[]): (id: ChannelId) => string {
  const own = channelsOf(here === null ? instances : [here]);
  const all = channelsOf(instances);
  return (id) => {
    const other = own.has(id) ? undefined : all.get(id);
    return other === undefined ? channelName(id) : `${channelName(id)} of ${other.instance.dir}`;
  };
}

export function findChannel(instances: readonly InstanceConfig[], id: ChannelId): Channel {
  const name = channelName(id);
  for (const instance of instances) {
    const choice = instance.notifiers[name];
    if (choice !== undefined && channelId(name, choice) === id) return { id, name, choice, instance };
  }
  throw new AoError("NOT_FOUND", `no config has the notifier ${name} any more`, {
    hint: "Notifications for it go to the notifier that has this name now.",
  });
}

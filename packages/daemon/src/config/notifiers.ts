import { nearest } from "@agent-orchestrator/core/host/suggest";
import type { ConfigInput } from "@agent-orchestrator/core/model/config";
import type { QuietHours } from "@agent-orchestrator/core/model/notice";
import type { PluginChoice } from "@agent-orchestrator/core/model/project";
import type { Priority } from "@agent-orchestrator/core/model/status";

export interface Reminder {
  /** After the first notification. */
  afterMs: number;
  /** Null: those of its priority. */
  names: string[] | null;
}

export interface Channels {
  notifiers: Record<string, PluginChoice>;
  routing: Record<Priority, string[]>;
  quiet: QuietHours | null;
  /** The soonest first. */
  reminders: Reminder[];
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
  const reminders = remindersOf(config.remindAfter);
  const inReminders = reminders.flatMap(({ names }) => names ?? []);
  for (const name of [...(config.defaults?.notifiers ?? []), ...Object.values(routing).flat(), ...inReminders]) {
    if (notifiers.has(name)) continue;
    notifiers.set(name, { plugin: name, options: {} });
    const meant = known.includes(name) ? null : nearest(name, known, true);
    if (meant !== null) slips.set(name, meant);
  }
  return { notifiers: Object.fromEntries(notifiers), routing, quiet: quietOf(config.quiet), reminders, slips };
}

function remindersOf(given: ConfigInput["remindAfter"]): Reminder[] {
  if (given === undefined) return [];
  if (typeof given === "number") return [{ afterMs: given, names: null }];
  const levels = given.map(({ after, notify = null }) => ({ afterMs: after, names: notify }));
  return levels.sort((a, b) => a.afterMs - b.afterMs);
}

function quietOf(given: ConfigInput["quiet"]): QuietHours | null {
  if (given === undefined) return null;
  const { from, to, timezone = null, except = ["urgent"] } = given;
  return { from: minutes(from), to: minutes(to), timezone, except };
}

function minutes(time: string): number {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  return hour * 60 + minute;
}

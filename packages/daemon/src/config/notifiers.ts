import { nearest } from "@agent-orchestrator/core/host/suggest";
import type { ConfigInput } from "@agent-orchestrator/core/model/config";
import type { QuietHours } from "@agent-orchestrator/core/model/notice";
import type { PluginChoice } from "@agent-orchestrator/core/model/project";
import type { Priority } from "@agent-orchestrator/core/model/status";
import type { Path } from "./yaml-tree.ts";

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
  /** Channels that are named but not defined: where that is. */
  namedAt: Map<string, Path>;
  /** Those that look like a typo: name → what was probably meant. */
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
  const namedAt = new Map<string, Path>();
  const reminders = remindersOf(config.remindAfter);
  const used: [Path, readonly string[]][] = [
    [["defaults", "notifiers"], config.defaults?.notifiers ?? []],
    ...Object.entries(given).map(([priority, names]): [Path, string[]] => [
      ["notificationRouting", priority],
      names ?? [],
    ]),
    [["remindAfter"], reminders.flatMap(({ names }) => names ?? [])],
    [["notifiers"], Object.values(routing).flat()],
  ];
  for (const [path, name] of used.flatMap(([at, names]) => names.map((one) => [at, one] as const))) {
    if (notifiers.has(name)) continue;
    notifiers.set(name, { plugin: name, options: {} });
    namedAt.set(name, path);
    const meant = known.includes(name) ? null : nearest(name, known, true);
    if (meant !== null) slips.set(name, meant);
  }
  return { notifiers: Object.fromEntries(notifiers), namedAt, routing, quiet: quietOf(config.quiet), reminders, slips };
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

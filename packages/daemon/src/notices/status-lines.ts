import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { isOver } from "@agent-orchestrator/core/decide/facts-of";
import { quietUntil } from "@agent-orchestrator/core/decide/notices/quiet";
import { plural } from "@agent-orchestrator/core/decide/text";
import { type ChannelId, channelName, type QuietHours } from "@agent-orchestrator/core/model/notice";
import type { State } from "@agent-orchestrator/core/model/state";
import { Priority } from "@agent-orchestrator/core/model/status";
import { formatDuration } from "@agent-orchestrator/core/model/time";
import type { StatusMeta } from "@agent-orchestrator/core/protocol/results";
import { shellQuote } from "@agent-orchestrator/plugin-kit/quote";
import type { App } from "../app.ts";
import type { InstanceConfig, PolicyInput } from "../config/instance.ts";
import { spendingOf } from "../sessions/spending.ts";

type Notice = StatusMeta["notices"][number];

/** Returns the lines above the table of `ao status`, the worst first. */
export function noticesOf(app: App): Notice[] {
  const notices: Notice[] = [];
  const { trouble } = app.engine;
  if (trouble !== null) {
    notices.push({
      level: "error",
      text: `nothing can be recorded: ${trouble.message}`,
      hint: trouble.hint ?? "Free some disk space. `ao` then continues by itself.",
    });
  }
  const unreachable = app.channels.unreachable();
  if (unreachable !== null) notices.push(unreachable);
  for (const problem of app.store.problems) {
    if (problem.kind === "log-torn") continue; // A trace of a killed daemon. Nothing was lost.
    notices.push({ level: "warning", text: problem.message, hint: "Run `ao doctor` for details." });
  }
  for (const problem of app.configs.problems()) notices.push({ level: "warning", ...problem });
  notices.push(
    ...failingChannels(app.engine.state, app.world.clock.now()),
    ...missingConfigs(app),
    ...checkoutless(app),
    ...silentForges(app.engine.state.sessions, app.world.clock.now()),
    ...pauses(app),
    ...limits(app),
    ...unpriced(app),
    ...quietHours(app.configs.all(), app.engine.state.notices, app.world.clock.now()),
  );
  return notices;
}

/** A channel that takes nothing, and what it never took. A short outage is not worth a line. */
export function failingChannels(
  { channels, notices }: Pick<State, "channels" | "notices">,
  nowMs: number,
  nameOf: (id: ChannelId) => string = channelName,
): Notice[] {
  return Object.entries(channels).flatMap(([id, { failingSince, failure, lost, lostAt }]) => {
    const name = nameOf(id);
    const waiting = Object.values(notices).filter((notice) => notice.channels[id] === "waiting").length;
    const lines: Notice[] = [];
    const forMs = failingSince === null ? 0 : nowMs - Date.parse(failingSince);
    if (waiting > 0 && forMs >= SILENT_MS) {
      const what = plural(waiting, "notification waits", "notifications wait");
      const text = `${what} for ${name}, which has failed for ${formatDuration(forMs)}: ${failure?.message ?? "unknown"}`;
      lines.push({ level: "warning", text, hint: failure?.hint ?? `\`ao notify test ${channelName(id)}\` tries it.` });
    }
    if (lost > 0 && lostAt !== null && nowMs - Date.parse(lostAt) < DAY_MS) {
      const what = plural(lost, "notification", "notifications");
      lines.push({ level: "warning", text: `${name} never got ${what}`, hint: "`ao notify log` lists them." });
    }
    return lines;
  });
}

/** While it is quiet: for how long, and what is held. Configs with the same hours share a line. */
export function quietHours(
  all: readonly Pick<InstanceConfig, "id" | "dir" | "quiet">[],
  notices: State["notices"],
  nowMs: number,
): Notice[] {
  const groups = new Map<string, { quiet: QuietHours; ids: Set<string>; folders: string[] }>();
  for (const { id, dir, quiet } of all) {
    if (quiet === null) continue;
    const key = JSON.stringify(quiet);
    const group = groups.get(key) ?? { quiet, ids: new Set(), folders: [] };
    group.ids.add(id);
    group.folders.push(basename(dir));
    groups.set(key, group);
  }
  const waiting = Object.values(notices).filter(({ channels }) => Object.values(channels).includes("waiting"));
  return [...groups.values()].flatMap(({ quiet, ids, folders }) => {
    const until = Priority.options.flatMap((priority) => quietUntil(quiet, priority, nowMs) ?? [])[0];
    if (until === undefined) return [];
    const held = waiting.filter(
      ({ instanceId, event }) => ids.has(instanceId) && quietUntil(quiet, event.priority, nowMs) !== null,
    ).length;
    const of = folders.length === all.length ? "" : ` of ${folders.join(", ")}`;
    const what = held === 0 ? "" : `, ${plural(held, "notification is", "notifications are")} held`;
    const text = `quiet hours${of} for another ${formatDuration(until - nowMs)}${what}`;
    return [{ level: "info" as const, text, ...(held === 0 ? {} : { hint: "`ao notify log` lists them." }) }];
  });
}

/** One line while it has live sessions. `ao doctor` reports what is left of ended ones. */
function missingConfigs(app: App): Notice[] {
  return app.configs.gone().flatMap(({ id, configPath }) => {
    const count = Object.values(app.engine.state.sessions).filter(
      (record) => record.instanceId === id && !isOver(record),
    ).length;
    if (count === 0) return [];
    const folder = basename(dirname(configPath));
    const text = `the config of ${folder} is missing (${plural(count, "session")}): \`ao forget ${shellQuote(dirname(configPath))}\``;
    return [{ level: "warning" as const, text }];
  });
}

/** An agent whose folder was removed has nothing to work on, and may not even notice. */
function checkoutless(app: App): Notice[] {
  const running = Object.values(app.engine.state.sessions).filter(({ phase }) => phase === "running");
  return running.flatMap(({ id, workspacePath }) => {
    if (workspacePath === null || existsSync(workspacePath)) return [];
    const hint = `Run \`ao kill ${id}\`, then \`ao restore ${id}\`, which recreates it from its branch.`;
    return [{ level: "error" as const, text: `the folder of ${id} is gone: ${workspacePath}`, hint }];
  });
}

/** So long an outage is more than a hiccup. */
const SILENT_MS = 60_000;
const DAY_MS = 24 * 60 * 60_000;

/** What is shown of pull requests is old, and nothing comes of them: one line for each project and reason. */
export function silentForges(sessions: State["sessions"], nowMs: number): Notice[] {
  const silent = new Map<string, { since: number; text: string }>();
  for (const record of Object.values(sessions)) {
    const { projectId } = record;
    const { unansweredSince: prUnansweredSince, unansweredWhy: prUnansweredWhy } = record.pr;
    if (prUnansweredSince === null || isOver(record)) continue;
    const text = `nothing new is known of the pull requests of ${projectId}: ${prUnansweredWhy ?? "its scm does not answer"}`;
    const since = Math.min(Date.parse(prUnansweredSince), silent.get(text)?.since ?? Number.POSITIVE_INFINITY);
    silent.set(text, { since, text });
  }
  return [...silent.values()]
    .filter(({ since }) => nowMs - since >= SILENT_MS)
    .map(({ since, text }) => ({
      level: "warning",
      text: `${text} (for ${formatDuration(nowMs - since)})`,
      hint: "Agents go on. `ao doctor` checks the access.",
    }));
}

/** Sessions that wait for the same reason share one line. */
function limits(app: App): Notice[] {
  const byReason = new Map<string, number>();
  for (const { isArchived, limits } of Object.values(app.engine.state.sessions)) {
    const { hold } = limits;
    if (hold && !isArchived) byReason.set(hold.reason, (byReason.get(hold.reason) ?? 0) + 1);
  }
  return [...byReason].map(([reason, count]) => ({
    level: "warning",
    text: `${plural(count, "session is", "sessions are")} paused: ${reason}`,
    hint: "Raise it under `limits` and run `ao trust`, or run `ao resume` to allow a quarter more.",
  }));
}

/** A limit in dollars counts only models that have a price. */
function unpriced(app: App): Notice[] {
  const isLimited = app.configs.all().some(({ policies }) => [...policies.values()].some(hasDollarLimit));
  const { unpriced: models } = spendingOf(app).today;
  if (!isLimited || models.length === 0) return [];
  const hint = "Add it under `prices`, or limit tokens instead.";
  return [
    { level: "warning", text: `limits.maxCostUsd does not count ${models.join(", ")}, which has no price`, hint },
  ];
}

const hasDollarLimit = ({ limits: set }: PolicyInput): boolean =>
  set !== undefined && Object.values(set.usd).some((bound) => bound !== null);

function pauses(app: App): Notice[] {
  const { isPaused, projects } = app.engine.state;
  const paused = Object.values(projects).filter((project) => project.isPaused);
  return [
    ...(isPaused ? [{ level: "warning" as const, text: "everything is paused", hint: "`ao resume`" }] : []),
    ...paused.map(({ projectId }) => ({
      level: "warning" as const,
      text: `${projectId} is paused`,
      hint: `\`ao resume ${projectId}\``,
    })),
  ];
}

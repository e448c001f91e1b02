import type { AoError } from "@agent-orchestrator/core/model/errors";
import type { InstanceId } from "@agent-orchestrator/core/model/ids";
import type { QuietHours } from "@agent-orchestrator/core/model/notice";
import type { Policy } from "@agent-orchestrator/core/model/policy";
import type { PluginChoice, ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { Priority } from "@agent-orchestrator/core/model/status";
import type { Slot } from "@agent-orchestrator/core/slots/common";
import type { EmbeddedDefaults } from "../builtin.ts";
import type { Env } from "./interpolate.ts";
import type { Reminder } from "./notifiers.ts";
import type { Problem } from "./problem.ts";

/** A plugin from outside: a file, or an npm package that is looked for from a folder. `owner`: whose config declares it. */
export type PluginOrigin =
  | { kind: "path"; path: string; dir: string; isRelative: boolean; owner: "config" | "user" }
  | { kind: "package"; name: string; dir: string; owner: "config" | "user" };

/** What decisions need from the config. The engine adds what it knows about plugins and pauses. */
export type PolicyInput = Omit<Policy, "canMergePinned" | "agent" | "isPaused"> & {
  /** Of each tracker of a project with several. */
  issuePolicies?: Record<string, IssuePolicy>;
};

/** What happens to an issue as its session goes on. */
export type IssuePolicy = Pick<Policy, "claimIssue" | "stageIssue" | "closeIssueOnMerge">;

/** The parts of a config that need trust, and whether the user has trusted these, or less strict ones. */
export interface TrustView {
  isTrusted: boolean;
  /** SHA-256 of `text`. */
  pin: string;
  text: string;
  files: FileTexts;
}

/** The text of an instance's own files. */
export interface FileTexts {
  instance: string;
  /** Null if there is no `agent-orchestrator.local.yaml`. */
  local: string | null;
}

/** What the user trusted with `ao trust`, and what has become stricter since. */
export interface Trusted {
  pin: string;
  text: string;
  /** Null if they were not kept. */
  files: FileTexts | null;
}

/** How many agents may work at the same time. */
export interface SessionLimits {
  /** In all: the smaller of the other two. */
  maxConcurrentSessions: number;
  /** On the whole machine: from the user's own config. */
  machine: number;
  /** Of this config. Null if it sets none. */
  own: number | null;
}

/** One instance, ready to use: layers merged, defaults filled in, durations in milliseconds. Immutable. */
export interface InstanceConfig {
  id: InstanceId;
  /** The config file. */
  path: string;
  /** Real path of its folder. */
  dir: string;
  /** The files it was read from, highest priority first, without those that are missing. */
  files: string[];
  trust: TrustView;
  /** Variants of agents, by name. */
  agents: Record<string, PluginChoice>;
  projects: ProjectConfig[];
  /** Projects that can't be used, and why. This is an error only for what uses them. */
  brokenProjects: ReadonlyMap<string, AoError>;
  /** Channels by name, including those that are only named in the routing. */
  notifiers: Record<string, PluginChoice>;
  /** Where those are named, as `defaults.notifiers`. */
  namedAt: ReadonlyMap<string, string>;
  routing: Record<Priority, string[]>;
  quiet: QuietHours | null;
  /** The soonest first. */
  reminders: Reminder[];
  limits: SessionLimits;
  port: number;
  /** The daemon always serves the dashboard. */
  dashboard: boolean;
  plugins: PluginOrigin[];
  /** Files and folders of the plugins. When one changes, the trust may be gone. */
  pluginParts: string[];
  /** null: never removed. */
  preserveMs: number | null;
  trustedAuthors: "write";
  trustedBots: string[];
  policies: ReadonlyMap<string, PolicyInput>;
  warnings: Problem[];
}

/** Everything that reading a config takes from outside. */
export interface ConfigWorld {
  /** `$AO_HOME`. */
  home: string;
  /** The user's home folder, for `~`. */
  userHome: string;
  env: Env;
  /** What a project uses when no file says otherwise. */
  embedded: EmbeddedDefaults;
  isBuiltin(slot: Slot, name: string): boolean;
  /** What the user last trusted of this instance, from the engine's state. */
  trustedOf(instanceId: InstanceId): Trusted | null;
}

import type { SessionRecord } from "../model/session.ts";
import { turnNumber } from "./facts-of.ts";

/** The name of a cause: whichever events and reactions come from it, the human is told of it once. */

const headOf = (record: SessionRecord): string =>
  record.pr === null ? "none" : `${record.pr.info.number}:${record.pr.headSha}`;

export const CAUSE = {
  needsInput: (record: SessionRecord) => `needs-input:${record.activity?.since ?? record.statusSince}`,
  /** One silence of a turn is one cause, however often a line of output interrupts it. */
  stuck: (record: SessionRecord) => `stuck:${record.launch?.number ?? 0}:${turnNumber(record)}`,
  exit: (record: SessionRecord) => `exit:${record.launch?.number ?? 0}`,
  ready: (record: SessionRecord) => `ready:${headOf(record)}`,
  merged: (record: SessionRecord) => `merged:${record.pr?.info.number ?? 0}`,
  closed: (record: SessionRecord) => `closed:${headOf(record)}`,
  /** Of the whole repository: one notice for all its sessions. */
  repository: (record: SessionRecord, what: string) => `repository:${record.instanceId}-${record.projectId}:${what}`,
} as const;

/** Of every session of an agent, whatever its project. */
export const agentsCause = (agent: string, what: string): string => `agents:${agent}:${what}`;

export const isOfAgents = (cause: string): boolean => cause.startsWith("agents:");
export const isOfRepository = (cause: string): boolean => cause.startsWith("repository:");

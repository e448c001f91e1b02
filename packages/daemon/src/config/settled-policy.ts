import type { NotifyPolicy } from "@agent-orchestrator/core/model/notice";
import type { Policy } from "@agent-orchestrator/core/model/policy";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { notifyPolicyOf } from "../notices/channel-table.ts";
import type { InstanceConfig } from "./instance.ts";
import { NO_POLICY } from "./no-policy.ts";

export type SettledPolicy = Omit<Policy, "agent" | "isPaused" | "utcOffsetMs">;

/** Of a session without a config nobody is told. */
const NOBODY: NotifyPolicy = {
  channels: { urgent: [], action: [], warning: [], info: [] },
  quiet: null,
  reminders: [],
};

const WITHOUT_CONFIG: SettledPolicy = { ...NO_POLICY, canMergePinned: true, notify: NOBODY };

/** Instances are immutable, and decisions ask for this with every fact. */
const known = new WeakMap<InstanceConfig, Map<string, SettledPolicy>>();

/** What a session's config alone says of its policy. */
export function settledPolicy(instance: InstanceConfig | null, { projectId, task }: SessionRecord): SettledPolicy {
  if (instance === null) return WITHOUT_CONFIG;
  const tracker = task.issue?.tracker ?? "";
  const key = `${projectId} ${tracker}`;
  const ofInstance = known.get(instance) ?? new Map<string, SettledPolicy>();
  known.set(instance, ofInstance);
  const found = ofInstance.get(key);
  if (found !== undefined) return found;
  const { issuePolicies = {}, ...input } = instance.policies.get(projectId) ?? NO_POLICY;
  const made = { ...input, ...issuePolicies[tracker], canMergePinned: true, notify: notifyPolicyOf(instance) };
  ofInstance.set(key, made);
  return made;
}

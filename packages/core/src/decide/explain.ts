import type { Activity } from "../model/activity.ts";
import type { DecideContext } from "../model/policy.ts";
import type { LastLook } from "../model/pull-request.ts";
import type { ReactionAction, ReactionKey } from "../model/reaction.ts";
import type { SessionRecord } from "../model/session.ts";
import type { SessionStatus } from "../model/status.ts";
import { costText, oneLine } from "../model/text.ts";
import { at, formatDuration, type Iso } from "../model/time.ts";
import { ciOf } from "./ci.ts";
import { clockTime } from "./day.ts";
import { describeExit, keysText, prName } from "./facts-of.ts";
import { holdReason } from "./hold-reasons.ts";
import { lastSaid } from "./last-said.ts";
import { describeLeftRunning } from "./left-running.ts";
import { configKey, metersOf, useOf } from "./limits.ts";
import { meansFor } from "./reactions/respond.ts";
import { REACTION_RULES } from "./reactions/rules.ts";
import { deriveStatus, STATUS_RULES } from "./status.ts";
import { plural } from "./text.ts";

export interface ExplainedFact {
  what: string;
  value: string;
  source: string;
  at: Iso | null;
  ageMs: number | null;
}

export interface ExplainedReaction {
  key: ReactionKey;
  problem: string;
  action: ReactionAction;
  /** What will be or was done instead, where the action is not possible. */
  insteadBecause: string | null;
  beganAt: Iso;
  sends: number;
  lastSendAt: Iso | null;
  notifiedAt: Iso | null;
  escalatedAt: Iso | null;
  held: string | null;
}

/** The chain from facts to what was done about them, as data. */
export interface Explanation {
  id: string;
  facts: ExplainedFact[];
  /** Rules that were tried before the one that fits. */
  passed: string[];
  rule: string;
  status: SessionStatus;
  because: string;
  since: Iso;
  reactions: ExplainedReaction[];
  /** Messages under way: what holds each. */
  messages: { id: string; state: string; heldFor: string | null }[];
}

/** `look`: how current what is known of its pull request is. Null: the scm has not answered since the start. */
export function explain(record: SessionRecord, ctx: DecideContext, look: LastLook | null = null): Explanation {
  const { status, rule, because } = deriveStatus(record, ctx);
  const rules = STATUS_RULES.map((each) => each.rule);
  return {
    id: record.id,
    facts: [...factsOf(record, ctx, look), ...spentFacts(record, ctx)],
    passed: rules.slice(0, rules.indexOf(rule)),
    rule,
    status,
    because,
    since: record.statusSince,
    reactions: reactionsOf(record, ctx),
    messages: record.messages.list
      .filter((message) => message.settledAt === null)
      .map(({ id, state, heldFor }) => ({
        id,
        state,
        heldFor: heldFor && (holdReason(heldFor, record.id)?.why ?? heldFor),
      })),
  };
}

function factsOf(record: SessionRecord, ctx: DecideContext, look: LastLook | null): ExplainedFact[] {
  const fact = (what: string, value: string | null | undefined, seen: { source: string; at: Iso | null }) =>
    value
      ? [{ what, value, source: seen.source, at: seen.at, ageMs: seen.at === null ? null : ctx.nowMs - at(seen.at) }]
      : [];
  const { activity, work, report, ending } = record;
  const { last: launch } = record.launch;
  const { snapshot: pr } = record.pr;
  return [
    ...fact("ending", ending?.reason, { source: ending?.by ?? "", at: ending?.at ?? null }),
    ...predecessors(record, ctx),
    ...fact("process", processOf(record), { source: "runtime", at: launch?.exit?.at ?? launch?.startedAt ?? null }),
    ...fact("activity", activity && `${stateText(activity, ctx)}: ${activity.evidence}`, {
      source: activity?.source ?? "none",
      at: activity?.since ?? null,
    }),
    ...fact("end of its screen, a guess", activity?.guess && `reads like a failure: “${oneLine(activity.guess)}”`, {
      source: "screen",
      at: activity?.since ?? null,
    }),
    ...fact("open in it", activity?.dialog && dialogText(activity.dialog), {
      source: activity?.source ?? "none",
      at: activity?.since ?? null,
    }),
    ...overruled(record, ctx),
    ...formerAgents(record, ctx),
    ...fact("you answered", record.answered?.choice, { source: "you", at: record.answered?.at ?? null }),
    ...otherClaims(record, ctx),
    ...fact("report", report && `${report.state}${report.note ? `: ${report.note}` : ""}`, {
      source: "agent",
      at: report?.at ?? null,
    }),
    ...fact("last words", record.activity?.state === "active" ? null : lastSaid(record), {
      source: "agent",
      at: record.turnEndedAt,
    }),
    ...leftFacts(record, ctx),
    ...progressFacts(record, ctx),
    ...fact("terminal", record.humanInputAt && "somebody typed in it", { source: "you", at: record.humanInputAt }),
    ...fact(
      "work",
      work &&
        `${plural(work.commitsAhead, "commit")} ahead, ${plural(work.changedFiles, "uncommitted file")}, ${work.unpushedCommits} unpushed`,
      {
        source: "workspace",
        at: work?.at ?? null,
      },
    ),
    ...fact("shared git config changed", record.configChanged && keysText(record.configChanged.keys), {
      source: "workspace",
      at: record.configChanged?.at ?? null,
    }),
    ...fact("pull request", pr && prFact(record, ctx), { source: "scm", at: look?.at ?? record.pr.seenAt }),
    ...fact("next look at it", pr && look && nextLook(look, ctx), { source: "scm", at: null }),
    ...fact("scm does not answer", record.pr.unansweredSince && (record.pr.unansweredWhy ?? "no reason given"), {
      source: "scm",
      at: record.pr.unansweredSince,
    }),
  ];
}

const dialogText = ({ kind, id, text }: NonNullable<Activity["dialog"]>): string => `${kind} ${id}: ${oneLine(text)}`;

function predecessors({ after = [] }: SessionRecord, ctx: DecideContext): ExplainedFact[] {
  return after.map(({ session, issue, by, metAt }) => ({
    what: metAt === null ? "waits for" : "waited for",
    value: session ?? `issue ${issue}`,
    source: by === "user" ? "you" : "tracker",
    at: metAt,
    ageMs: metAt === null ? null : ctx.nowMs - at(metAt),
  }));
}

function progressFacts({ progressAt }: SessionRecord, ctx: DecideContext): ExplainedFact[] {
  if (progressAt === null) return [];
  const ageMs = ctx.nowMs - at(progressAt);
  return [{ what: "last progress", value: "output, a commit or a report", source: "runtime", at: progressAt, ageMs }];
}

function leftFacts(record: SessionRecord, ctx: DecideContext): ExplainedFact[] {
  const value = describeLeftRunning(record);
  if (value === null || !record.leftRunning) return [];
  const { since } = record.leftRunning;
  return [{ what: "left running", value, source: "runtime", at: since, ageMs: ctx.nowMs - at(since) }];
}

/** What the agent plugin saw and did not follow. */
function overruled({ activity }: SessionRecord, ctx: DecideContext): ExplainedFact[] {
  return (activity?.overruled ?? []).map(({ state, evidence, source, at: seenAt }) => ({
    what: "overruled",
    value: `${state}: ${evidence}`,
    source,
    at: seenAt,
    ageMs: ctx.nowMs - at(seenAt),
  }));
}

function formerAgents({ handover: { former: formerAgents = [] } }: SessionRecord, ctx: DecideContext): ExplainedFact[] {
  return formerAgents.map(({ agent, agentSessionId, until }) => ({
    what: "agent before",
    value: agentSessionId === null ? agent : `${agent} (conversation ${agentSessionId})`,
    source: "you",
    at: until,
    ageMs: ctx.nowMs - at(until),
  }));
}

function otherClaims(record: SessionRecord, ctx: DecideContext): ExplainedFact[] {
  return Object.values(record.claims ?? {}).flatMap((claim) => {
    if (claim === undefined || claim.source === record.activity?.source) return [];
    const value = `${claim.state}: ${claim.evidence}`;
    return [{ what: "also said", value, source: claim.source, at: claim.since, ageMs: ctx.nowMs - at(claim.since) }];
  });
}

function stateText({ state, limit }: Activity, ctx: DecideContext): string {
  return state === "limited" && limit?.resetsAt
    ? `limited until ${clockTime(at(limit.resetsAt), ctx.nowMs, ctx.policy)}`
    : state;
}

/** What was used, how far each limit is, and what holds the session for it. */
function spentFacts(record: SessionRecord, ctx: DecideContext): ExplainedFact[] {
  const fact = (what: string, value: string, source: string): ExplainedFact => ({
    ...{ what, value, source },
    ...{ at: null, ageMs: null },
  });
  const limits = metersOf(record, ctx).map((meter) => fact(configKey(meter), useOf(meter), "config"));
  const held = record.limits.hold
    ? [{ ...fact("paused", record.limits.hold.reason, "config"), at: record.limits.hold.since }]
    : [];
  return [
    ...(record.usage.cost === null ? [] : [fact("used", usedText(record.usage.cost), "agent")]),
    ...limits,
    ...held,
  ];
}

function usedText({
  usd,
  knownUsd = usd ?? 0,
  tokens,
  unpriced = [],
}: NonNullable<SessionRecord["usage"]["cost"]>): string {
  const missing = unpriced.length === 0 ? "" : `; no price for ${unpriced.join(", ")}`;
  return `${costText({ usd, knownUsd, tokens: tokens ?? 0 })}${missing}`;
}

function processOf({ launch: { last: launch } }: SessionRecord): string | null {
  if (launch === null) return null;
  if (launch.exit !== null) return describeExit(launch.exit);
  return launch.startedAt === null
    ? `launch ${launch.number} is under way`
    : `launch ${launch.number} runs as ${launch.pid}`;
}

const nextLook = ({ nextAt, because }: LastLook, { nowMs }: DecideContext): string =>
  `${at(nextAt) <= nowMs ? "now" : `in ${formatDuration(at(nextAt) - nowMs)}`}, because ${because}`;

function prFact(record: SessionRecord, ctx: DecideContext): string {
  const { snapshot: pr } = record.pr;
  if (pr === null) return "";
  const conflicts = pr.hasConflicts === null ? "conflicts unknown" : pr.hasConflicts ? "conflicts" : "no conflicts";
  return `${prName(pr.info)} ${pr.state} at ${pr.headSha.slice(0, 7)}: ci ${ciOf(record, ctx).ci}, review ${pr.review}, ${conflicts}`;
}

function reactionsOf(record: SessionRecord, ctx: DecideContext): ExplainedReaction[] {
  return REACTION_RULES.flatMap((rule) => {
    const episode = record.episodes[rule.key];
    if (episode === undefined) return [];
    const seen = rule.detect(record, ctx);
    const means = seen.state === "present" ? meansFor(record, ctx, { key: rule.key, problem: seen.problem }) : null;
    const { beganAt, sends, lastSendAt, notifiedAt, escalatedAt, held } = episode;
    return [
      {
        key: rule.key,
        problem: episode.problem ?? "",
        action: ctx.policy.reactions[rule.key].action,
        insteadBecause: means?.means === "notify" ? means.why : null,
        beganAt,
        sends,
        lastSendAt,
        notifiedAt,
        escalatedAt,
        held,
      },
    ];
  });
}

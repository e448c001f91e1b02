import { type Draft, wakeAt } from "../draft.ts";
import { beginEpisode, endEpisode, episodeOf, openEpisode, saveEpisode, takeBack } from "./episode.ts";
import { respond } from "./respond.ts";
import { answeredFingerprint, isNews, type ReactionRule } from "./rule.ts";
import { REACTION_RULES } from "./rules.ts";
import { maxSends } from "./send.ts";

/** Looks for every problem there can be, and answers those that are there as the config says. */
export function react(draft: Draft): void {
  const { phase, ending } = draft.record;
  const { stopping } = draft.record.launch;
  if (phase === "archived" || phase === "removing") return;
  // The user is ending it this moment.
  if (stopping?.ending?.by === "user") return;
  const isEndedNow = ending?.by === "user" && draft.before.ending?.by !== "user";
  for (const rule of REACTION_RULES) {
    // The agent is told of the state of a pull request that it takes over in other words.
    if (isEndedNow || (rule.asksScm === true && isTakenNow(draft))) settle(draft, rule);
    else runRule(draft, rule);
  }
}

const isTakenNow = ({ record, before }: Draft): boolean => record.pr.taken?.at !== before.pr.taken?.at;

/** The user ended it with this problem and knows: it is nobody's business any more, until it becomes another one. */
function settle(draft: Draft, rule: ReactionRule): void {
  const seen = rule.detect(draft.record, draft.ctx);
  const known = episodeOf(draft, rule.key);
  if (seen.state === "gone" || (seen.state === "unclear" && known === undefined)) {
    endEpisode(draft, rule);
    return;
  }
  const episode = known ?? beginEpisode(draft, rule.key);
  const present =
    seen.state === "present"
      ? { fingerprint: answeredFingerprint(seen.problem, episode), problem: seen.problem.because }
      : {};
  saveEpisode(draft, { ...episode, ...present, escalatedAt: null, notifiedAt: null, held: null });
}

function runRule(draft: Draft, rule: ReactionRule): void {
  const seen = rule.detect(draft.record, draft.ctx);
  takeBackStale(draft, rule);
  if (seen.state === "gone") {
    endEpisode(draft, rule);
    return;
  }
  if (seen.state === "unclear") {
    if (seen.wakeAtMs !== undefined) wakeAt(draft, seen.wakeAtMs);
    return;
  }
  const { problem } = seen;
  const known = episodeOf(draft, rule.key);
  const isSpent = known !== undefined && (known.escalatedAt !== null || known.sends >= maxSends(draft, rule));
  const isReopened = rule.reopens === true && isSpent && isNews(problem, known);
  const begun = known ?? openEpisode(draft, rule.key);
  const episode = isReopened ? beginEpisode(draft, rule.key, known) : begun;
  saveEpisode(draft, { ...episode, problem: problem.because });
  respond(draft, rule, problem);
}

/** A message that is still waiting while the head it is about is no longer the head would only mislead. */
function takeBackStale(draft: Draft, rule: ReactionRule): void {
  const episode = episodeOf(draft, rule.key);
  if (rule.isAboutHead !== true || episode === undefined || !episode.sentHead) return;
  if (episode.sentHead !== draft.record.pr.snapshot?.headSha) takeBack(draft, rule);
}

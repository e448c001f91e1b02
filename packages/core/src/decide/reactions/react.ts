import { type Draft, wakeAt } from "../draft.ts";
import { answer } from "./answer.ts";
import { beginEpisode, endEpisode, episodeOf, saveEpisode, takeBack } from "./episode.ts";
import { isNews, type ReactionRule } from "./rule.ts";
import { REACTION_RULES } from "./rules.ts";

/** Looks for every problem there can be, and answers those that are there as the config says. */
export function react(draft: Draft): void {
  if (draft.record.phase === "archived" || draft.record.phase === "removing") return;
  for (const rule of REACTION_RULES) runRule(draft, rule);
}

function runRule(draft: Draft, rule: ReactionRule): void {
  const seen = rule.detect(draft.record, draft.ctx);
  takeBackStale(draft, rule);
  if (seen.state === "gone") {
    endEpisode(draft, rule.key);
    return;
  }
  if (seen.state === "unclear") {
    if (seen.wakeAtMs !== undefined) wakeAt(draft, seen.wakeAtMs);
    return;
  }
  const { problem } = seen;
  const known = episodeOf(draft, rule.key);
  const isReopened = rule.reopens === true && known?.escalatedAt != null && isNews(problem, known);
  const episode = known === undefined || isReopened ? beginEpisode(draft, rule.key, known) : known;
  saveEpisode(draft, { ...episode, problem: problem.because });
  answer(draft, rule, problem);
}

/** A message that is still waiting while the head it is about is no longer the head would only mislead. */
function takeBackStale(draft: Draft, rule: ReactionRule): void {
  const episode = episodeOf(draft, rule.key);
  if (rule.isAboutHead !== true || episode === undefined || !episode.sentHead) return;
  if (episode.sentHead !== draft.record.pr?.headSha) takeBack(draft, rule.key);
}

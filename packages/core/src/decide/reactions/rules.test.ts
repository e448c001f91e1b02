import { expect, test } from "vitest";
import { DEFAULT_REACTIONS, resolveReactions } from "../../model/config-reactions.ts";
import { ReactionKey } from "../../model/reaction.ts";
import { REACTION_RULES } from "./rules.ts";

test("every key but the one of all sessions has its rule", () => {
  const keys = [...REACTION_RULES.map((rule) => rule.key), "all-complete"];
  expect(new Set(keys)).toEqual(new Set(ReactionKey.options));
});

test("without a config the defaults hold", () => {
  expect(resolveReactions(undefined, {})).toEqual(DEFAULT_REACTIONS);
});

test("the user's, the instance's and the project's entries override key by key", () => {
  const resolved = resolveReactions(
    { "ci-failed": { retries: 5, message: "user" } },
    { "ci-failed": { message: "instance", priority: "action" } },
    { "ci-failed": { auto: false } },
  )["ci-failed"];
  expect(resolved).toMatchObject({
    retries: 5,
    message: "instance",
    priority: "action",
    auto: false,
    action: "send-to-agent",
  });
});

test("escalateAfter is a duration or a number of sends, and the later layer's replaces the earlier's", () => {
  const layers = [{ "merge-conflicts": { escalateAfter: "1h" } }, { "merge-conflicts": { escalateAfter: 3 } }] as const;
  expect(resolveReactions(layers[0])["merge-conflicts"]).toMatchObject({
    escalateAfterMs: 3_600_000,
    escalateAfterSends: null,
  });
  expect(resolveReactions(...layers)["merge-conflicts"]).toMatchObject({
    escalateAfterMs: null,
    escalateAfterSends: 3,
  });
});

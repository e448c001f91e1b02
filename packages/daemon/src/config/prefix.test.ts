import { nearest } from "@agent-orchestrator/core/host/suggest";
import { expect, it } from "vitest";
import { sessionPrefixOf } from "./prefix.ts";

it.each([
  ["app", "app"],
  ["shop", "shop"],
  ["a", "a"],
  ["my-app", "ma"],
  ["my_big_app", "mba"],
  ["agent-orchestrator", "ao"],
  ["agentOrchestrator", "aO"],
  ["a-b", "ab"],
  ["backend", "bac"],
  ["backend-", "bac"],
  ["web2", "web2"],
  ["3d-view", "3v"],
])("the session prefix of %s is %s", (id, prefix) => {
  expect(sessionPrefixOf(id)).toBe(prefix);
});

it.each([
  ["agnt", "agent"],
  ["Agent", "agent"],
  ["post_create", "postCreate"],
  ["projcets", "projects"],
  ["notifier", "notifiers"],
  ["zzz", null],
  ["toString", null],
])("of a config's keys %s is meant as %s", (word, meant) => {
  expect(nearest(word, ["agent", "postCreate", "projects", "notifiers", "port"])).toBe(meant);
});

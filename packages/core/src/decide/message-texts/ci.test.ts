import { aCheck, aPr, aRecord } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import { composeCiFailed } from "./ci.ts";

test.each([
  ["could not be read", null, "The log of test could not be read (https://ci.example/7)."],
  ["is not there", "", "There is no log of test (https://ci.example/7)."],
])("a log that %s is told of with the check's address", (_, log, words) => {
  const pr = aPr({ ci: "failing", checks: [aCheck({ url: "https://ci.example/7" })] });
  expect(composeCiFailed(aRecord({ pr: { snapshot: pr, checkLogs: { "test#1": log } } }))).toContain(words);
});

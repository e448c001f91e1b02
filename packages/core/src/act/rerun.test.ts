import { aCheck, aPr, aRecord, HEAD } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import type { CICheck } from "../model/pull-request.ts";
import type { ActCall } from "./call.ts";
import { rerun } from "./rerun.ts";

/** What the scm is asked to run again, if these are its checks now. */
async function ran(now: CICheck[], headSha = HEAD): Promise<string[]> {
  const names: string[] = [];
  const scm = {
    getCIChecks: async () => now,
    rerunChecks: async (_: unknown, checks: CICheck[]) => void names.push(...checks.map(({ name }) => name)),
  };
  const call = {
    record: aRecord({ pr: { snapshot: aPr() } }),
    plugins: { scm: async () => scm },
    signal: new AbortController().signal,
  } as unknown as ActCall;
  await rerun(call, {
    headSha,
    checks: [
      { name: "e2e", attempt: 1 },
      { name: "lint", attempt: 1 },
    ],
  });
  return names;
}

test("only checks whose failing attempt is still the newest are run again, so that a repetition does nothing", async () => {
  const e2e = aCheck({ name: "e2e" });
  expect(await ran([e2e, aCheck({ name: "lint", attempt: 2 }), aCheck({ name: "docs" })])).toEqual(["e2e"]);
  expect(await ran([{ ...e2e, status: "running", attempt: 2 }])).toEqual([]);
  expect(await ran([e2e], "b".repeat(40))).toEqual([]);
});

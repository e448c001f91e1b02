import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import { type Failing, failingTurn, status } from "./support/failing.ts";
import { kinds as allKinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";

const OUTAGES: Failing[] = [
  status(500, ["service"], /500|server|demand/i),
  status(529, ["service", "busy"], /529|overload|server|demand/i),
  { name: "a spent quota", script: "%%limit 3600", kinds: ["credit"], words: /quota/, only: "aider" },
  { name: "a stream that is cut", script: "%%cut 1000", kinds: ["connection", "service"], words: /./ },
  { name: "a connection that is dropped", script: "%%drop 1000", kinds: ["connection", "service"], words: /./ },
];

for (const outage of OUTAGES) failingTurn(outage);

scenario({
  name: "a suggestion in the empty box after a failure is not a draft, where it wraps as well",
  needs: "draft",
  kinds: allKinds.filter(({ plugin }) => plugin === "claude-code"),
  options: { scripts: ["%%error 500 1000 ;; %%say never said"], retries: 1 },
  async play(box) {
    await box.spawn(1);
    await box.untilHeard("mark of app-1");
    await box.until("app-1", ({ status: shown }) => shown === "needs_input", "needs you");
    box.mark("app-1", "failed", "500");
    // It wraps at this width, the smallest that a session has.
    box.narrow("app-1", 60);
    // Versions without suggestions draw an empty box.
    await waitFor(() => /^❯/m.test(box.screen("app-1")), { timeoutMs: 20_000, what: "its box" });
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // It suggests a moment after the failure.
    box.model.recover();
    box.mark("app-1", "unknown", "the model has recovered");
    expect(await box.say("app-1", "again: %%say now it works")).toMatchObject({ state: "accepted" });
    await box.untilResting("app-1");
    expect(box.model.truth.timesHeard("again:")).toBe(1);
  },
});

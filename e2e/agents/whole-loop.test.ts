import { readFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import { PATIENCE_MS } from "./support/agent-box.ts";
import { scenario } from "./support/scenario.ts";

/** CI prints what the model does next. */
const CHECK = `if test ! -f work.txt || test -f fixed.txt; then exit 0; fi
echo 'fixed.txt is missing'
echo '%%write fixed.txt|fixed ;; %%sh git add -A && git commit -qm fix ;; %%say fixed it'
exit 1
`;

scenario({
  name: "from an issue through a failing check and a review to a merge",
  isMain: true,
  needs: "edit",
  options: {
    scripts: ["%%write work.txt|hello ;; %%sh git add -A && git commit -qm work ;; %%say first part done"],
    files: { "check.sh": CHECK },
    project: "    scm: { plugin: local, ci: [{ name: check, run: 'sh check.sh' }] }",
  },
  async play(box) {
    await box.spawn(1);
    await box.get("wait", { session: "app-1", until: ["ci_failed"], timeoutMs: PATIENCE_MS });
    await box.untilHeard("fixed.txt is missing");
    await box.get("wait", { session: "app-1", until: ["review_pending"], timeoutMs: PATIENCE_MS });
    const body = "Please say more. %%write more.txt|more ;; %%sh git add -A && git commit -qm more ;; %%say said more";
    const comments = [{ path: "work.txt", line: 1, body: "what is this?" }];
    await box.get("review", { session: "app-1", state: "changes_requested", body, comments });
    await box.untilHeard("what is this?");
    await waitFor(
      async () =>
        (await box.view("app-1")).pr?.ci === "passing" &&
        // Not the title, because an agent that commits on its own writes its own.
        box.repo.git("ls-tree", "--name-only", "feat/1").includes("more.txt\n"),
      { timeoutMs: PATIENCE_MS, what: "a green head with the answer to the review" },
    );
    await box.untilResting("app-1");
    await box.get("review", { session: "app-1", state: "approved" });
    await box.get("wait", { session: "app-1", until: ["mergeable"], timeoutMs: PATIENCE_MS });
    const merged = await box.get("merge", { session: "app-1", isConfirmed: true });
    expect(merged.status).toBe("merged");
    for (const [file, text] of Object.entries({ "work.txt": "hello", "fixed.txt": "fixed", "more.txt": "more" })) {
      expect(readFileSync(join(box.repo.path, file), "utf8").trim()).toBe(text);
    }
    for (const text of ["fixed.txt is missing", "what is this?"]) expect(box.model.truth.timesHeard(text)).toBe(1);
  },
});

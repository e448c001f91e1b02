import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it } from "vitest";
import { gitHubWorld } from "./testing/world.ts";

const HIDDEN = "<!-- obey -->\u202e\u200b\u2066";

it("leaves hidden text out of titles, reviews, comments, code and logs, and trusts only people with write access", async () => {
  const { github, shop, scm, commit, git } = await gitHubWorld();
  github.user("eve");
  const head = await commit("feat/1", { "cart.ts": "export const total = 2; // \u202eobey\n" });
  await git("push", "-q", "origin", "feat/1");
  const { number } = await shop.openPull({ by: "wes", title: `Fix ${HIDDEN}`, head: "feat/1" });
  await shop.knowMergeability(number);
  // GitHub's times are whole seconds, and only comments after the head's own time are about it.
  const headAt = Number(await git("log", "-1", "--format=%ct"));
  await waitFor(() => Date.now() >= (headAt + 1) * 1000, { what: "the next second" });
  for (const by of ["ann", "rob", "eve"]) {
    const threads = [{ path: "cart.ts", line: 1, body: `Thread ${HIDDEN}of ${by}` }];
    await shop.review(number, { by, verdict: "COMMENT", body: `Review ${HIDDEN}of ${by}`, threads });
    shop.comment(number, { by, body: `Comment ${HIDDEN}of ${by}` });
    shop.comment(number, { by, body: HIDDEN });
  }
  const log = "expected \u202e1\u200b to be 2\u001b[8m";
  shop.finishCheck(head, {
    name: "test",
    branch: "feat/1",
    by: "wes",
    conclusion: "failure",
    output: { "Run npm test": log },
  });

  const info = {
    number,
    url: "",
    title: "",
    isDraft: false,
    owner: "acme",
    repo: "shop",
    branch: "feat/1",
    baseBranch: "main",
  };
  const [seen] = (await scm.getSnapshots?.([info])) ?? [];
  const check = seen?.checks[0];
  const failure = check && seen && (await scm.getCheckLog?.(seen.info, check));
  expect(failure).toMatch(/expected 1 to be 2$/m);
  const said = [...(seen?.reviews ?? []), ...(seen?.comments ?? [])];
  expect(said.map(({ body }) => body).sort()).toEqual(
    ["Comment", "Review", "Thread"].flatMap((what) => ["ann", "eve", "rob"].map((by) => `${what} of ${by}`)),
  );
  for (const { author, isTrusted } of said) expect([author, isTrusted]).toEqual([author, author === "ann"]);
  expect(JSON.stringify({ seen, failure })).not.toMatch(/[\u202e\u200b\u2066\u001b]/);
});

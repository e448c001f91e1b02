import { expect, it } from "vitest";
import plugin from "./index.ts";
import { gitHubWorld } from "./testing/world.ts";

it("asks the reviewers whom GitHub takes, and says whom it does not", async () => {
  const { github, shop, context, commit } = await gitHubWorld();
  const said: string[] = [];
  const log = { ...context.log, warn: (text: string) => void said.push(text) };
  const options = {
    token: github.token("wes").value,
    baseUrl: github.baseUrl,
    reviewers: ["ann", "wes", "nobody", "rob"],
  };
  const scm = plugin.create(options, { ...context, log });
  await commit("feat/1", { "cart.ts": "export const total = 2;\n" });
  const input = { title: "Fix the total", body: "", branch: "feat/1", baseBranch: "main", sessionId: "app-1" };
  const pr = await scm.createPR?.(input);
  const asked = shop.pull(pr?.number ?? 0).pull.requestedReviewers.map(({ login }) => login);
  expect(asked).toEqual(["ann", "rob"]);
  expect(said).toEqual([
    expect.stringContaining("wes was not asked for a review: "),
    expect.stringContaining("nobody was not asked for a review: "),
  ]);
});

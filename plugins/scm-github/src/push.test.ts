import { expect, it } from "vitest";
import { gitHubWorld } from "./testing/world.ts";

const input = { title: "Fix the total", body: "", branch: "feat/1", baseBranch: "main", sessionId: "app-1" };

it("pushes a rebased branch only over the commit that it is told to replace", async () => {
  const { scm, shop, git, commit } = await gitHubWorld();
  const first = await commit("feat/1", { "cart.ts": "export const total = 2;\n" });
  await scm.createPR?.(input);
  await git("commit", "-q", "--amend", "-m", "Another message");
  const amended = await git("rev-parse", "HEAD");
  const onGitHub = async () => (await git("ls-remote", "origin", "feat/1")).split("\t")[0];

  await expect(scm.createPR?.(input)).rejects.toMatchObject({
    code: "REFUSED",
    hint: expect.stringContaining("ao pr create --session app-1 --force-with-lease"),
  });
  expect(await onGitHub()).toBe(first);
  await scm.createPR?.({ ...input, replaces: first });
  expect(await onGitHub()).toBe(amended);

  const theirs = await shop.pushCommit("feat/1", { by: "ann", files: { "note.txt": "mine\n" } });
  await git("commit", "-q", "--amend", "-m", "Once more");
  await expect(scm.createPR?.({ ...input, replaces: amended })).rejects.toMatchObject({
    code: "REFUSED",
    message: `feat/1 is no longer at ${amended.slice(0, 7)} on GitHub: somebody has pushed to it`,
  });
  expect(await onGitHub()).toBe(theirs);
});

import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it } from "vitest";
import { type World, world } from "./fixtures/world.ts";

/** How often git was asked about a branch. */
function countLooks({ desk }: World): { looks(): number } {
  const { facts } = desk;
  const heads = new Set<string>();
  desk.facts = (repository, ends) => {
    heads.add(ends.head);
    return facts(repository, ends);
  };
  return { looks: () => heads.size };
}

it("looks at a branch that keeps moving in steps, and at its last commit once it rests", async () => {
  const here = world();
  here.commit("feat/1", { "a.txt": "1\n" });
  const pr = await here.open("feat/1");
  const { looks } = countLooks(here);
  let head = "";
  const began = performance.now();
  for (let n = 0; n < 12; n += 1) {
    head = here.commit("feat/1", { "a.txt": `step ${n}\n` });
    await here.scm.getSnapshots([pr]);
  }
  const seconds = (performance.now() - began) / 1000;
  expect(looks()).toBeLessThanOrEqual(2 + Math.ceil(seconds / 2));
  const last = await waitFor(
    async () => {
      const [snapshot] = await here.scm.getSnapshots([pr]);
      return snapshot?.headSha === head ? snapshot : null;
    },
    { what: "the last head", timeoutMs: 10_000 },
  );
  expect(last).toMatchObject({ state: "open", hasConflicts: false });
});

it("answers at once who asks for one pull request", async () => {
  const here = world();
  here.commit("feat/1", { "a.txt": "1\n" });
  const pr = await here.open("feat/1");
  await here.scm.getSnapshots([pr]);
  for (const text of ["2\n", "3\n"]) {
    here.commit("feat/1", { "a.txt": text });
    await here.scm.getSnapshots([pr]);
  }
  here.repo.write("a.txt", "another\n");
  here.repo.git("commit", "-q", "-a", "-m", "on the base");
  here.commit("feat/1", { "a.txt": "4\n" });
  expect((await here.scm.getMergeability(pr)).noConflicts).toBe(false);
});

it("asks two programs about a branch whose base has nothing new", async () => {
  const here = world();
  here.commit("feat/1", { "a.txt": "1\n" });
  const repository = await here.desk.repository();
  const asked: string[] = [];
  const counted = {
    ...repository,
    lab: (...args: Parameters<typeof repository.lab>) => {
      asked.push(args[0][0] ?? "");
      return repository.lab(...args);
    },
  };
  const head = here.repo.git("rev-parse", "feat/1").trim();
  const base = here.repo.git("rev-parse", "main").trim();
  expect(await here.desk.facts(counted, { head, base })).toMatchObject({ commitsAhead: 1, conflicts: [], files: 1 });
  expect(asked).toEqual(["rev-list", "diff-tree"]);
});

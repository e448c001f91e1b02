import { existsSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { AT_WORK, type Case, count, isIt, prsOf, STRANGERS, show, spawned, withPr } from "./change-case.ts";

type PrChange = "review" | "ready" | "review-release" | "merge" | "pr-create";

/** The requests about a pull request. */
export const PR_CASES: { [N in PrChange]: Case<N> } = {
  review: {
    options: AT_WORK,
    prepare: withPr,
    params: (session) => ({ session, state: "changes_requested", body: "please rename it" }),
    times: async (box, session) =>
      (await prsOf(box, session)).flatMap(({ reviews }) => reviews).filter(({ body }) => body === "please rename it")
        .length,
    says: (data, session) => isIt(data.id === session),
  },
  ready: {
    options: { ...AT_WORK, project: "    scm: { plugin: local, draft: true }" },
    prepare: async (box) => {
      const session = await spawned(box);
      await box.get("wait", { session, until: ["pr_open"], timeoutMs: 30_000 });
      return session;
    },
    params: (session) => ({ session }),
    times: async (box, session) => (await prsOf(box, session)).filter(({ isDraft }) => !isDraft).length,
    says: ({ pr }) => isIt(pr?.state === "open"),
  },
  "review-release": {
    options: STRANGERS,
    prepare: async (box) => {
      const session = await spawned(box);
      await waitFor(async () => (await box.get("review-held", { session })).length === 2, { what: "the comments" });
      return session;
    },
    params: (session) => ({ session, comments: ["c1"] }),
    times: (box, session) => count(box, session, ({ text }) => `${text}`.includes("> Please add a test.")),
    says: ({ comments }) => comments.length,
  },
  merge: {
    options: AT_WORK,
    prepare: async (box) => {
      const session = await withPr(box);
      await box.get("review", { session, state: "approved" });
      await box.get("wait", { session, until: ["mergeable"], timeoutMs: 20_000 });
      return session;
    },
    params: (session) => ({ session, isConfirmed: true }),
    times: async (box, session) => {
      const { branch } = await show(box, session);
      const merges = box.repo.git("log", "--merges", "--format=%s", "main").split("\n");
      return merges.filter((subject) => subject.includes(branch)).length;
    },
    says: ({ pr }) => isIt(pr?.state === "merged"),
  },
  "pr-create": {
    options: { ...AT_WORK, project: "    scm: { plugin: local, openPr: manual }" },
    prepare: async (box) => {
      const session = await spawned(box);
      const worktree = (await show(box, session)).workspacePath ?? "";
      await waitFor(() => existsSync(join(worktree, `work-${session}.txt`)), { what: "its work" });
      await waitFor(async () => (await box.get("diff", { session })).text !== "", { what: "its commit" });
      return session;
    },
    params: (session) => ({ session, title: "Once" }),
    times: async (box, session) => (await prsOf(box, session)).length,
    says: ({ isNew }) => isIt(isNew),
  },
};

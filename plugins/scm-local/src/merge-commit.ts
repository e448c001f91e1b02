import { AoError } from "@agent-orchestrator/core/model/errors";
import type { MergeMethod } from "@agent-orchestrator/core/model/pull-request";
import { oneLine } from "@agent-orchestrator/core/model/text";
import { withLanded } from "./landed.ts";
import { mergeTree } from "./merge-tree.ts";
import { someOf } from "./readiness.ts";
import type { PRRecord } from "./records.ts";
import type { Repository } from "./repository.ts";

export interface MergePlan {
  record: PRRecord;
  method: MergeMethod;
  head: string;
  base: string;
}

type Identity = Record<string, string>;

/** Creates the commit that the base would become. It is in the project's object store, and nothing points to it yet. */
export async function makeMergeCommit(repository: Repository, plan: MergePlan): Promise<string> {
  const base = await withLanded(repository, { base: plan.base, landed: plan.record.landed }, true);
  const merged = await mergeTree(repository, { ours: base, theirs: plan.head }, true);
  if (merged.tree === null) throw conflict(plan, merged.conflicts);
  const identity = await identityOf(repository);
  const { number, body, branch } = plan.record;
  const title = oneLine(plan.record.title);
  if (plan.method === "squash") {
    const message = `${title} (#${number})\n\n${body}`;
    return commitTree(repository, { tree: merged.tree, parents: [plan.base], message, identity });
  }
  if (plan.method === "merge") {
    const message = `Merge pull request #${number} from ${branch}\n\n${title}`;
    return commitTree(repository, { tree: merged.tree, parents: [plan.base, plan.head], message, identity });
  }
  return rebase(repository, plan, { identity, tree: merged.tree, since: base });
}

/** The user's own identity, as git would use it in their repository. */
async function identityOf({ git }: Repository): Promise<Identity> {
  const read = async (name: "AUTHOR" | "COMMITTER") => {
    const match = /^(.*) <(.*)> \d+ [+-]\d{4}$/.exec((await git(["var", `GIT_${name}_IDENT`])).stdout.trim());
    return { [`GIT_${name}_NAME`]: match?.[1] ?? "", [`GIT_${name}_EMAIL`]: match?.[2] ?? "" };
  };
  try {
    return { ...(await read("AUTHOR")), ...(await read("COMMITTER")) };
  } catch (cause) {
    throw new AoError("CONFIG", "git does not know who you are, so nothing can be merged", {
      hint: "Run `git config --global user.name NAME` and `git config --global user.email ADDRESS`.",
      cause,
    });
  }
}

interface NewCommit {
  tree: string;
  parents: string[];
  message: string;
  identity: Identity;
}

async function commitTree(repository: Repository, { tree, parents, message, identity }: NewCommit): Promise<string> {
  const args = ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent])];
  const { stdout } = await repository.lab(args, { input: `${message.trimEnd()}\n`, extraEnv: identity, keep: true });
  return stdout.trim();
}

/**
 * Replays the branch's own commits on the base. Each is merged as if its parent were the common ancestor. A stand-in
 * with the current tree and that parent makes `merge-tree` do so, in every version of git that has it.
 */
async function rebase(
  repository: Repository,
  plan: MergePlan,
  judged: { identity: Identity; tree: string; since: string },
): Promise<string> {
  const range = ["rev-list", "--reverse", "--topo-order", "--no-merges", plan.head, `^${judged.since}`];
  const commits = (await repository.lab(range)).stdout.split("\n").filter((sha) => sha !== "");
  let tip = plan.base;
  let tree = (await repository.lab(["rev-parse", `${plan.base}^{tree}`])).stdout.trim();
  for (const commit of commits) {
    const parent = (await repository.lab(["rev-parse", "--verify", `${commit}^`], { okExits: [0, 128] })).stdout.trim();
    if (parent === "") throw conflict(plan, [`${commit.slice(0, 12)}, which has no parent`]);
    const standIn = { tree, parents: [parent], message: "stand-in", identity: judged.identity };
    const picked = await mergeTree(repository, { ours: await commitTree(repository, standIn), theirs: commit }, true);
    if (picked.tree === null) throw conflict(plan, picked.conflicts);
    if (picked.tree === tree) continue;
    tree = picked.tree;
    const { message, author } = await readCommit(repository, commit);
    tip = await commitTree(repository, { tree, parents: [tip], message, identity: { ...judged.identity, ...author } });
  }
  if (tree === judged.tree) return tip;
  throw new AoError("REFUSED", "rebasing its commits one by one gives a different result from merging them", {
    hint: "Use the merge method `merge` or `squash`.",
  });
}

async function readCommit(repository: Repository, commit: string): Promise<{ message: string; author: Identity }> {
  const format = "--format=%an%x00%ae%x00%ad%x00%B";
  const { stdout } = await repository.lab(["show", "-s", "--date=raw", "--no-show-signature", format, commit]);
  const [name = "", email = "", date = "", ...message] = stdout.split("\0");
  return {
    message: message.join("\0"),
    author: { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date },
  };
}

function conflict(plan: MergePlan, files: readonly string[]): AoError {
  return new AoError(
    "REFUSED",
    `pull request ${plan.record.number} conflicts with ${plan.record.baseBranch}: ${someOf(files)}`,
    { hint: `Merge ${plan.record.baseBranch} into ${plan.record.branch} first.`, details: { files: [...files] } },
  );
}

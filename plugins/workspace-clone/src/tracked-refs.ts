import type { CheckoutHost } from "@agent-orchestrator/plugin-kit/checkout/host";
import { git } from "@agent-orchestrator/plugin-kit/git/run";

interface Places {
  from: string;
  to: string;
  remote: string;
}

/** Makes a clone's tracking refs those of the project's remote: `git clone` took the project's own branches for them. */
export async function copyTrackedRefs(host: CheckoutHost, { from, to, remote }: Places): Promise<void> {
  const prefix = `refs/remotes/${remote}/`;
  const [theirs, ours] = await Promise.all([refsBelow(host, from, prefix), refsBelow(host, to, prefix)]);
  const lines = [
    ...[...ours.keys()].filter((ref) => !theirs.has(ref)).map((ref) => `delete ${ref}`),
    ...[...theirs].map(([ref, sha]) => `update ${ref} ${sha}`),
  ];
  await git(host, ["update-ref", "--no-deref", "--stdin"], { cwd: to, gitDir: to, input: `${lines.join("\n")}\n` });
}

async function refsBelow(host: CheckoutHost, gitDir: string, prefix: string): Promise<Map<string, string>> {
  const args = ["for-each-ref", "--format=%(refname) %(objectname)", prefix];
  const { stdout } = await git(host, args, { cwd: gitDir, gitDir });
  const pairs = stdout.split("\n").flatMap((line) => {
    const [ref, sha] = line.split(" ");
    return ref === undefined || sha === undefined ? [] : [[ref, sha] as const];
  });
  return new Map(pairs);
}

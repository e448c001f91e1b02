import type { Account } from "../model/accounts.ts";
import type { Repo } from "../model/repo.ts";
import type { World } from "../world.ts";

/** A fork with all branches of its parent. The same person's second fork is the first. */
export async function forkRepo(
  world: World,
  parent: Repo,
  { owner, name }: { owner: Account; name?: string | undefined },
): Promise<Repo> {
  const known = world.repos.find((repo) => repo.parent === parent && repo.owner === owner);
  if (known !== undefined) return known;
  const fork = await world.addRepo(`${owner.login}/${name ?? parent.name}`, { parent, isPrivate: parent.isPrivate });
  await fork.git.run(["fetch", "-q", parent.git.dir, "+refs/heads/*:refs/heads/*"]);
  return fork;
}

/** A new name or owner. The old one leads here from then on. */
export function moveRepo(world: World, repo: Repo, to: { owner?: Account; name?: string }): void {
  world.movedRepos.set(`${repo.owner.login}/${repo.name}`.toLowerCase(), repo);
  repo.owner = to.owner ?? repo.owner;
  repo.name = to.name ?? repo.name;
  world.movedRepos.delete(`${repo.owner.login}/${repo.name}`.toLowerCase());
}

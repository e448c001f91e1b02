import { nearest } from "@agent-orchestrator/core/host/suggest";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { GitHub } from "./client.ts";
import { grantedScopes, statusOf } from "./errors.ts";
import type { RepoName } from "./options.ts";

export interface Place {
  repo: RepoName;
  /** What may be missing there: `issue 42`. */
  thing?: string;
}

/**
 * As `github.say`, for a request in a repository. GitHub answers 404 for a repository, a thing in it, and a missing right alike.
 * This asks further, so that the error names which of them it is.
 */
export async function sayIn<T>(
  github: GitHub,
  { what, place, step }: { what: string; place: Place; step: () => Promise<T> },
  options?: CallOptions,
): Promise<T> {
  try {
    return await github.say(what, step);
  } catch (error) {
    if (!isAoError(error) || error.code !== "NOT_FOUND" || statusOf(error) !== 404) throw error;
    throw await explain(github, { place, error }, options);
  }
}

async function explain(
  github: GitHub,
  { place, error }: { place: Place; error: AoError },
  options?: CallOptions,
): Promise<AoError> {
  const { repo, thing } = place;
  const request = options?.signal === undefined ? {} : { request: { signal: options.signal } };
  const name = `${repo.owner}/${repo.name}`;
  try {
    await github.say("look", () => github.rest.repos.get({ owner: repo.owner, repo: repo.name, ...request }));
  } catch (unseen) {
    options?.signal?.throwIfAborted();
    return statusOf(unseen) === 404 ? unknownRepository(github, { name, repo, unseen }, options) : error;
  }
  if (thing === undefined) return error;
  return new AoError("NOT_FOUND", `there is no ${thing} in ${name}`, { cause: error });
}

async function unknownRepository(
  github: GitHub,
  { name, repo, unseen }: { name: string; repo: RepoName; unseen: unknown },
  options?: CallOptions,
): Promise<AoError> {
  const meant = nearest(name, await visibleNames(github, repo.owner, options));
  if (meant !== null && meant.toLowerCase() !== name.toLowerCase()) {
    const hint = `Did you mean ${meant}? Then change \`repo\` in the config.`;
    return new AoError("NOT_FOUND", `there is no repository ${name} on GitHub`, { hint, details: { nearest: meant } });
  }
  const scopes = grantedScopes(unseen);
  if (scopes !== null && !scopes.includes("repo")) {
    const hint = `Give it the scope \`repo\`, which private repositories need. It has: ${scopes.join(", ") || "none"}.`;
    return new AoError("UNAVAILABLE", `GitHub shows no repository ${name} to this token`, { hint });
  }
  return new AoError("NOT_FOUND", `there is no repository ${name} on GitHub, or the token may not read it`, {
    hint: "Check `repo` in the config. A private repository looks missing to a token that was not given it.",
  });
}

/** Of each list, the repositories that were pushed to last. */
const PAGE = 100;
const SHOWN = `first: ${PAGE}, orderBy: {field: PUSHED_AT, direction: DESC}`;
const AFFILIATIONS = "[OWNER, COLLABORATOR, ORGANIZATION_MEMBER]";
const MINE = `query { owner: viewer {
  repositories(${SHOWN}, affiliations: ${AFFILIATIONS}, ownerAffiliations: ${AFFILIATIONS}) { nodes { nameWithOwner } }
} }`;
const THEIRS = `query($owner: String!) { owner: repositoryOwner(login: $owner) {
  repositories(${SHOWN}) { nodes { nameWithOwner } }
} }`;

interface Names {
  owner: { repositories: { nodes: ({ nameWithOwner: string } | null)[] } } | null;
}

/** Names that the token can see: the owner's, and the user's own. Those that can't be read are left out. */
async function visibleNames(github: GitHub, owner: string, options?: CallOptions): Promise<string[]> {
  const what = "list repositories";
  const lists = await Promise.allSettled([
    github.graphql<Names>(THEIRS, { owner }, { what, ...options }),
    github.graphql<Names>(MINE, {}, { what, ...options }),
  ]);
  options?.signal?.throwIfAborted();
  return lists.flatMap((list) =>
    list.status === "rejected"
      ? []
      : (list.value.owner?.repositories.nodes ?? []).flatMap((node) => (node === null ? [] : [node.nameWithOwner])),
  );
}

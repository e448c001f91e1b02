import { AoError } from "@agent-orchestrator/core/model/errors";
import { parseRepo, type RepoName } from "@agent-orchestrator/plugin-kit/github/options";

/** An issue as the user named it. */
export interface Reference {
  repo: RepoName;
  number: number;
}

/** `42`, `#42`, `owner/repo#42`, or the address of an issue or pull request on this server. Throws NOT_FOUND for anything else. */
export function parseReference(identifier: string, { repo, web }: { repo: RepoName; web: string }): Reference {
  const text = identifier.trim();
  const short = /^(?:([\w.-]+\/[\w.-]+))?#?0*([1-9]\d{0,9})$/.exec(text);
  if (short !== null && (short[1] === undefined || text.includes("#"))) {
    const other = short[1] === undefined ? repo : parseRepo(short[1]);
    if (other !== null) return { repo: other, number: Number(short[2]) };
  }
  const path = text.startsWith(`${web}/`) ? text.slice(web.length + 1) : "";
  const long = /^([\w.-]+\/[\w.-]+)\/(?:issues|pull)\/(\d{1,10})(?:[/?#].*)?$/.exec(path);
  const found = parseRepo(long?.[1]);
  if (long !== null && found !== null) return { repo: found, number: Number(long[2]) };
  throw new AoError("NOT_FOUND", `${JSON.stringify(text.slice(0, 120))} is not an issue on GitHub`, {
    hint: "Use its number, owner/repo#number, or its address.",
  });
}

/** The number alone in the project's own repository, else with the repository's name: the id that a session keeps. */
export function formatReference({ repo, number }: Reference, own: RepoName): string {
  const isOwn =
    repo.owner.toLowerCase() === own.owner.toLowerCase() && repo.name.toLowerCase() === own.name.toLowerCase();
  return isOwn ? String(number) : `${repo.owner}/${repo.name}#${number}`;
}

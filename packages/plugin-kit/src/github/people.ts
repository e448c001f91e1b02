import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CallOptions, Clock } from "@agent-orchestrator/core/slots/common";
import type { GitHub } from "./client.ts";
import { isRefusedRight, statusOf } from "./errors.ts";
import type { RepoName } from "./options.ts";

/** An author as GraphQL gives it. Null for a deleted account. */
export interface Actor {
  login: string;
  /** `User`, `Bot`, `Mannequin`, `Organization`, … */
  __typename: string;
}

/** How GitHub relates an author to the repository. */
export type Association = "OWNER" | "MEMBER" | "COLLABORATOR" | "CONTRIBUTOR" | "FIRST_TIMER" | "NONE" | (string & {});

/** Whose words may cause a message to an agent: people with write access. */
export interface People {
  mayWrite(author: Actor | null, association: Association, options?: CallOptions): Promise<boolean>;
}

/** Someone who lost or got access is noticed after this long. */
const KEEP_MS = 10 * 60_000;
const WRITERS = new Set(["admin", "maintain", "write"]);
/** Only these can have write access. Everyone else costs no request. */
const INSIDERS = new Set(["OWNER", "MEMBER", "COLLABORATOR"]);

export function createPeople(options: { api: GitHub; repo: RepoName; clock: Clock }): People {
  const { api, repo, clock } = options;
  const known = new Map<string, { mayWrite: boolean; at: number }>();
  return {
    async mayWrite(author, association, call) {
      if (author === null || author.__typename === "Bot" || !INSIDERS.has(association)) return false;
      const before = known.get(author.login);
      if (before !== undefined && clock.monotonic() - before.at < KEEP_MS) return before.mayWrite;
      const mayWrite = await askFor(author.login);
      known.set(author.login, { mayWrite, at: clock.monotonic() });
      return mayWrite;

      /** Without the right to ask, only the owner is known to have write access. */
      async function askFor(username: string): Promise<boolean> {
        try {
          const { data } = await api.rest.repos.getCollaboratorPermissionLevel({
            owner: repo.owner,
            repo: repo.name,
            username,
            ...(call?.signal === undefined ? {} : { request: { signal: call.signal } }),
          });
          if (typeof data.permission !== "string") {
            throw new AoError("UNREACHABLE", `could not read what ${username} may do: GitHub answered something else`);
          }
          return WRITERS.has(data.permission) || WRITERS.has(data.role_name);
        } catch (error) {
          if (isRefusedRight(error) || statusOf(error) === 404) return association === "OWNER";
          throw error;
        }
      }
    },
  };
}

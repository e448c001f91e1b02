import type { CallOptions, Clock } from "@agent-orchestrator/core/slots/common";
import type { GitHub } from "@agent-orchestrator/plugin-kit/github/client";
import type { RepoName } from "@agent-orchestrator/plugin-kit/github/options";

/** Asks at most this often whether anything about any pull request has changed. With core's own pace, less than a minute. */
const PULSE_MS = 55_000;
/** After something happened here, such as a push: at once, then this often for a minute. GitHub may take a moment to see it. */
const EAGER_MS = 10_000;
const EAGER_FOR_MS = 60_000;
/** Agents may wake us many times in a second. */
const LEAST_MS = 2_000;

/**
 * Whether any pull request of the repository was touched: pushed to, commented on, reviewed, merged. One conditional request
 * which is free of charge while the answer is "no" (304). Checks and the state of the base are not part of it.
 */
export interface Pulse {
  /** Increases when something has changed. */
  generation(options: CallOptions & { isWoken?: boolean }): Promise<number>;
  /** The next question is asked at once. */
  hurry(): void;
  /** When GitHub last answered, and when it is asked next: of the monotonic clock, in ms. */
  times(): { askedAt: number; nextAt: number };
}

export function createPulse({ github, repo, clock }: { github: GitHub; repo: RepoName; clock: Clock }): Pulse {
  let etag: string | null = null;
  let generation = 1;
  let askedAt = Number.NEGATIVE_INFINITY;
  let isHurried = false;
  let eagerUntil = Number.NEGATIVE_INFINITY;
  return {
    async generation({ isWoken = false, signal }) {
      const now = clock.monotonic();
      if (isWoken) eagerUntil = now + EAGER_FOR_MS;
      const interval = isWoken ? LEAST_MS : now < eagerUntil ? EAGER_MS : PULSE_MS;
      if (!isHurried && now - askedAt < interval) return generation;
      isHurried = false;
      const seen = await touched(signal).catch((error: unknown) => {
        isHurried = true;
        throw error;
      });
      askedAt = now;
      if (seen === null) return generation;
      if (etag !== null) generation += 1;
      etag = seen;
      return generation;
    },
    hurry() {
      isHurried = true;
    },
    times: () => ({ askedAt, nextAt: askedAt + (clock.monotonic() < eagerUntil ? EAGER_MS : PULSE_MS) }),
  };

  /** The new tag of the list, or null if it is the one we know. Our http sends the tag along, and 304 brings it back. */
  async function touched(signal: AbortSignal | undefined): Promise<string | null> {
    const { headers } = await github.say(`read the pull requests of ${repo.owner}/${repo.name}`, () =>
      github.rest.pulls.list({
        owner: repo.owner,
        repo: repo.name,
        state: "all",
        sort: "updated",
        direction: "desc",
        per_page: 1,
        ...(signal === undefined ? {} : { request: { signal } }),
      }),
    );
    const found = headers.etag ?? "";
    return found !== "" && found === etag ? null : found;
  }
}

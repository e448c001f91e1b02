import { refusalOfWaiting } from "@agent-orchestrator/core/decide/refusals";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import { type Issue, issueKey } from "@agent-orchestrator/core/model/issue";
import type { Predecessor } from "@agent-orchestrator/core/model/predecessor";
import { type ProjectConfig, trackerText } from "@agent-orchestrator/core/model/project";
import { throwIfRefused } from "@agent-orchestrator/core/model/refusal";
import { toIso } from "@agent-orchestrator/core/model/time";
import type { App, Call } from "../app.ts";
import { askPlugin } from "../registry/ask-plugin.ts";

export interface Asker {
  app: App;
  call: Call;
  config: ProjectConfig;
}

/** What `--after` names: sessions by their ids, and issues of the project. Throws NOT_FOUND, or REFUSED for a session that ended badly. */
export async function predecessorsOf(asker: Asker, words: readonly string[]): Promise<Predecessor[]> {
  const found: Predecessor[] = [];
  for (const word of words) {
    const one = sessionOf(asker, word) ?? (await issueOf(asker, word));
    if (!found.some(({ session, issue }) => session === one.session && issue === one.issue)) found.push(one);
  }
  return found;
}

function sessionOf({ app }: Asker, word: string): Predecessor | null {
  const { sessions } = app.engine.state;
  const record = Object.hasOwn(sessions, word) ? sessions[word] : undefined;
  if (record === undefined) return null;
  throwIfRefused(refusalOfWaiting(record));
  return { session: word, issue: null, by: "user", metAt: null };
}

async function issueOf(asker: Asker, word: string): Promise<Predecessor> {
  const { app, call, config } = asker;
  const tracker = await app.world.projectPlugins(config).tracker();
  const asked = askPlugin({ app, call }, trackerText(config), (signal) => tracker.getIssue(word, config, { signal }));
  const issue = await asked.catch((error: unknown) => {
    if (!isAoError(error) || error.code !== "NOT_FOUND") throw error;
    throw new AoError("NOT_FOUND", `--after ${word}: there is no such session or issue (${error.message})`, {
      cause: error,
      hint: "Name a session by its id, or an issue by its number.",
    });
  });
  return awaited({ app }, issue, "user");
}

/** What the user named, and what the tracker says must be closed before this issue. */
export async function allPredecessors(
  { app, call, config }: Asker,
  issue: Issue | null,
  named: readonly Predecessor[],
): Promise<Predecessor[]> {
  if (issue === null) return [...named];
  const tracker = await app.world.projectPlugins(config).tracker();
  const getBlockers = tracker.getBlockers?.bind(tracker);
  if (getBlockers === undefined) return [...named];
  const blockers = await askPlugin({ app, call }, trackerText(config), (signal) =>
    getBlockers(issue, config, { signal }),
  );
  const added = blockers.filter((blocker) => !named.some((one) => one.issue === issueKey(blocker)));
  return [...named, ...added.map((one) => awaited({ app }, one, "tracker"))];
}

function awaited({ app }: Pick<Asker, "app">, issue: Issue, by: Predecessor["by"]): Predecessor {
  const isClosed = issue.state === "closed" || issue.state === "cancelled";
  return { session: null, issue: issueKey(issue), by, metAt: isClosed ? toIso(app.world.clock.now()) : null };
}

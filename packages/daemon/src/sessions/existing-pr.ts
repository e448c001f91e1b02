import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { App, Call } from "../app.ts";
import { askPlugin } from "../registry/ask-plugin.ts";

interface Asker {
  app: App;
  call: Call;
  config: ProjectConfig;
}

/** The open pull request that the user named: `17`, `#17`, `PR 17` or its URL. Throws NOT_FOUND, or REFUSED for one that is over. */
export async function existingPr({ app, call, config }: Asker, reference: string): Promise<PRInfo> {
  const word = oneLine(reference, 200);
  const number = Number(/^(?:(?:pr\s*)?#?|\S+:\/\/\S+\/)([1-9]\d{0,8})$/i.exec(word.trim())?.[1] ?? 0);
  const none = (cause?: unknown) =>
    new AoError("NOT_FOUND", `${config.id} has no pull request ${word}`, {
      hint: "Use its number or its URL. An issue is spawned without `--pr`.",
      cause,
    });
  if (number === 0) throw none();
  const scm = await app.world.projectPlugins(config).scm();
  if (scm.getPR === undefined || scm.fetchPR === undefined) {
    throw new AoError("UNAVAILABLE", `the scm ${config.scm.plugin} cannot take over a pull request`);
  }
  const ask = <T>(question: (signal: AbortSignal) => Promise<T>) =>
    askPlugin({ app, call }, `the scm ${config.scm.plugin}`, question);
  const getPR = scm.getPR.bind(scm);
  const info = await ask((signal) => getPR(number, { signal })).catch((error: unknown) => {
    throw isAoError(error) && error.code === "NOT_FOUND" ? none(error) : error;
  });
  if (word.includes("://") && word.trim() !== info.url) throw none();
  const state = await ask((signal) => scm.getPRState(info, { signal }));
  if (state === "open" || state === "draft") return info;
  throw new AoError("REFUSED", `PR ${number} is ${state}`, { hint: "Only an open pull request can be taken over." });
}

/** Where it is continued: on its own branch, or, where that is in a fork, on one of ours. */
export const branchOf = ({ fork, branch, number }: PRInfo): string => (fork === undefined ? branch : `pr-${number}`);

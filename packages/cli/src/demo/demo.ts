import type { Context } from "../command.ts";
import { stopDaemon } from "../commands/stop.ts";
import { createContext } from "../context.ts";
import type { Io } from "../output/io.ts";
import { play } from "./play.ts";
import { type Stage, setStage } from "./stage.ts";
import { Story } from "./story.ts";

/** Plays the whole loop in a temporary folder. Touches nothing else, and removes the folder without `--keep`. */
export async function demo(context: Context, { isKept, scm }: { isKept: boolean; scm: string }): Promise<number> {
  const { isJson } = context;
  // With --json, stdout is for the document, and nobody reads the story.
  const io: Io = isJson ? { ...context.io, out: () => undefined } : context.io;
  const stage = await setStage(io, { scm });
  const story = new Story(io);
  const ao = stageContext(io, stage);
  const leaving = new AbortController();
  const onSignal = () => leaving.abort();
  process.once("SIGINT", onSignal);
  process.once("SIGTERM", onSignal);
  try {
    story.say(
      "ao demo: real git, real terminals, real tests. Only the language model is replaced, by a scripted agent.",
    );
    if (stage.forge !== null) {
      story.event("ao", `${scm} is played by ao's own test server on this machine: no account, no network`);
    }
    if (stage.lacks !== null)
      story.event("ao", `${stage.lacks} is not installed, so the agents run without it (runtime: ${stage.runtime})`);
    const sessions = await play({ stage, story, ao: until(leaving.signal, ao) });
    story.say(`Done in ${Math.round(story.seconds)} seconds. In your own repository, run ao init, then ao spawn.`);
    if (isKept) io.out(`Kept: ${stage.dir}  (AO_HOME=${stage.home} ao status --all)\n`);
    const kept = isKept ? { folder: stage.dir, home: stage.home } : null;
    if (isJson) context.show({ seconds: Math.round(story.seconds), runtime: stage.runtime, sessions, kept }, () => "");
    return 0;
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
    return 130;
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
    await stopDaemon(ao, { sessions: true });
    if (isKept) await stage.forge?.stop();
    else await stage.strike();
  }
}

/** Sends no requests after the end. A late request would start another daemon in the folder that is being removed. */
function until(signal: AbortSignal, ao: Context): Context {
  return {
    ...ao,
    async ask(name, params, hooks = {}) {
      signal.throwIfAborted();
      return ao.ask(name, params, {
        ...hooks,
        signal: AbortSignal.any([signal, ...(hooks.signal === undefined ? [] : [hooks.signal])]),
      });
    },
  };
}

/** The caller's terminal with the daemon and project of the stage. */
function stageContext(io: Io, stage: Stage): Context {
  return createContext(
    { ...io, env: stage.env, cwd: () => stage.project },
    { isJson: false, isYes: true, config: stage.config },
  );
}

import type { Context } from "../command.ts";
import { stopDaemon } from "../commands/stop.ts";
import { createContext } from "../context.ts";
import type { Io } from "../output/io.ts";
import { play } from "./play.ts";
import { type Stage, setStage } from "./stage.ts";
import { Story } from "./story.ts";

/** The whole loop in a folder of its own: nothing outside of it is touched, and nothing stays unless `--keep`. */
export async function demo(context: Context, { isKept }: { isKept: boolean }): Promise<number> {
  const { io } = context;
  const stage = setStage(io);
  const story = new Story(io);
  const ao = stageContext(io, stage);
  const leave = async () => {
    await stopDaemon(ao, { sessions: true });
    if (!isKept) stage.strike();
  };
  const onSignal = () => void leave().finally(() => process.exit(130));
  process.once("SIGINT", onSignal);
  process.once("SIGTERM", onSignal);
  try {
    story.say(
      "ao demo: real git, real terminals, real tests. Only the language model is missing: a scripted agent stands in.",
    );
    if (stage.runtime === "process") story.event("ao", "tmux is not installed, so agents run as plain processes");
    await play({ stage, story, ao });
    story.say(`Done in ${Math.round(story.seconds)} seconds. In a repository of yours: ao init, then ao spawn.`);
    if (isKept) io.out(`Kept: ${stage.dir}  (AO_HOME=${stage.home} ao status --all)\n`);
    return 0;
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
    await leave();
  }
}

/** The caller's terminal, in front of the stage's own daemon and project. */
function stageContext(io: Io, stage: Stage): Context {
  return createContext(
    { ...io, env: stage.env, cwd: () => stage.project },
    { isJson: false, isYes: true, config: stage.config },
  );
}

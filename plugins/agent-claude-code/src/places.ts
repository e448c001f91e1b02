import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Where Claude Code keeps its files, depending on its environment. */
export interface ConfigPlaces {
  /** Settings, transcripts, status files. */
  dir: string;
  /** The global file: onboarding, trust, approved keys. */
  globalFile: string;
}

export function configPlaces(env: Readonly<Record<string, string>>): ConfigPlaces {
  const own = env.CLAUDE_CONFIG_DIR;
  if (own !== undefined && own !== "") return { dir: own, globalFile: join(own, ".claude.json") };
  const home = env.HOME ?? "/";
  return { dir: join(home, ".claude"), globalFile: join(home, ".claude.json") };
}

/** The folder of the transcripts that were started in `cwd`. */
export const slugOf = (cwd: string): string => cwd.replace(/[^A-Za-z0-9]/g, "-");

export const transcriptsDir = (configDir: string): string => join(configDir, "projects");

/** Where the transcript of a conversation will be. Very long folders get another name, which only `findTranscript` finds. */
export const transcriptPath = (configDir: string, cwd: string, id: string): string =>
  join(transcriptsDir(configDir), slugOf(cwd), `${id}.jsonl`);

/** The transcript of a conversation, in whatever folder it was started. */
export function findTranscript(configDir: string, id: string): string | null {
  const root = transcriptsDir(configDir);
  for (const name of namesIn(root)) {
    const path = join(root, name, `${id}.jsonl`);
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === true) return path;
  }
  return null;
}

export const statusDir = (configDir: string): string => join(configDir, "sessions");

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return []; // Nothing was ever started here.
  }
}

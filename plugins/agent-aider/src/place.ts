import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** What was started last, for whoever goes on with it. */
export const Launched = z.looseObject({
  workspacePath: z.string(),
  /** Names the conversation: the number of the launch that began it. */
  conversation: z.number().int().nonnegative(),
  /** Its first words are still to be typed. */
  awaitsPrompt: z.boolean().default(false),
});
export type Launched = z.infer<typeof Launched>;

/** Where one conversation's files lie: outside the checkout, so that nothing of them can be committed. */
export interface Place {
  dir: string;
  conversation: number;
  /** The conversation as aider writes it, over all its starts. */
  chat: string;
  /** What was typed at its prompts, with times. */
  input: string;
  /** How far the conversation was told to core. */
  seen: string;
  /** Aider's notifications arrive here. */
  told: string;
  /** See `Launched`. */
  launch: string;
  /** Questions that the human said yes to for ever. */
  always: string;
}

/** Without a number: that of the conversation that was started last. */
export function placeOf(sessionDir: string, conversation?: number): Place {
  const dir = join(sessionDir, "aider");
  const launch = join(dir, "launch.json");
  const number = conversation ?? readLaunched(launch)?.conversation ?? 0;
  return {
    ...{ dir, launch, conversation: number },
    chat: join(dir, `chat.${number}.md`),
    input: join(dir, `input.${number}.history`),
    seen: join(dir, `seen.${number}.json`),
    told: join(dir, "told"),
    always: join(dir, "always.json"),
  };
}

export function makePlace(sessionDir: string, conversation?: number): Place {
  const place = placeOf(sessionDir, conversation);
  mkdirSync(place.told, { recursive: true, mode: 0o700 });
  return place;
}

export function readLaunched(path: string): Launched | null {
  try {
    return Launched.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return null; // Not there, or not ours: nothing is known of a start.
  }
}

/** Where aider keeps its map of the repository: always in the checkout, by the version of the map. */
const MAPS = [".aider.tags.cache.v4", ".aider.tags.cache.v3"];

/** The folders that aider would make in the checkout, made so that git sees nothing of them: nobody commits them, and they are no work. */
export function hideMaps(workspacePath: string): void {
  for (const name of MAPS) {
    const dir = join(workspacePath, name);
    if (existsSync(dir)) continue;
    mkdirSync(dir);
    writeFileSync(join(dir, ".gitignore"), "*\n");
  }
}

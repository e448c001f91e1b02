import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keptFile } from "@agent-orchestrator/agent-kit/kept";
import { ensureDir } from "@agent-orchestrator/core/host/files";
import { z } from "zod";

/** What was started last, for its next launch. */
export const Launched = z.looseObject({
  workspacePath: z.string(),
  /** The conversation's id: the number of the launch that started it. */
  conversation: z.number().int().nonnegative(),
  /** Its first prompt is still to be typed. */
  awaitsPrompt: z.boolean().default(false),
});
export type Launched = z.infer<typeof Launched>;

/** Where one conversation's files are: outside the checkout, so that they can't be committed. */
export interface Place {
  dir: string;
  conversation: number;
  /** The conversation as aider writes it, across all its starts. */
  chat: string;
  /** What was typed at its prompts, with times. */
  input: string;
  /** How far the conversation was reported to core. */
  seen: string;
  /** Aider's notifications arrive here. */
  told: string;
  /** Questions that the user allowed permanently. */
  always: string;
}

/** Without a number, that of the conversation that was started last. */
export function placeOf(sessionDir: string, conversation?: number): Place {
  const dir = join(sessionDir, "aider");
  const number = conversation ?? readLaunched(sessionDir)?.conversation ?? 0;
  return {
    ...{ dir, conversation: number },
    chat: join(dir, `chat.${number}.md`),
    input: join(dir, `input.${number}.history`),
    seen: join(dir, `seen.${number}.json`),
    told: join(dir, "told"),
    always: join(dir, "always.json"),
  };
}

export function makePlace(sessionDir: string, conversation?: number): Place {
  const place = placeOf(sessionDir, conversation);
  ensureDir(place.told);
  return place;
}

/** Of this session, or null if nothing is known about a start. */
export const launchedFile = (sessionDir: string) => keptFile(join(sessionDir, "aider", "launch.json"), Launched);
export const readLaunched = (sessionDir: string): Launched | null => launchedFile(sessionDir).read();

/** Where aider keeps its map of the repository: always in the checkout, by the version of the map. */
const MAPS = [".aider.tags.cache.v4", ".aider.tags.cache.v3"];

/** Creates the folders that aider would create in the checkout, hidden from git, so that nobody commits them or takes them for work. */
export function hideMaps(workspacePath: string): void {
  for (const name of MAPS) {
    const dir = join(workspacePath, name);
    if (existsSync(dir)) continue;
    mkdirSync(dir);
    writeFileSync(join(dir, ".gitignore"), "*\n");
  }
}

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where one session's files lie: outside the checkout, so that nothing of them can be committed. */
export interface Place {
  dir: string;
  /** The conversation as aider writes it, over all its starts. */
  chat: string;
  /** What was typed at its prompts, with times. */
  input: string;
  /** Aider's notifications arrive here. */
  told: string;
  /** What a later start, or a daemon that was restarted, has to know. */
  launch: string;
  /** How far the conversation was told to core. */
  seen: string;
  /** Questions that the human said yes to for ever. */
  always: string;
}

export function placeOf(sessionDir: string): Place {
  const dir = join(sessionDir, "aider");
  return {
    dir,
    chat: join(dir, "chat.history.md"),
    input: join(dir, "input.history"),
    told: join(dir, "told"),
    launch: join(dir, "launch.json"),
    seen: join(dir, "seen.json"),
    always: join(dir, "always.json"),
  };
}

export function makePlace(sessionDir: string): Place {
  const place = placeOf(sessionDir);
  mkdirSync(place.told, { recursive: true, mode: 0o700 });
  return place;
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

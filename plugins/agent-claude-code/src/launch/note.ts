import { join } from "node:path";
import { keptFile } from "@agent-orchestrator/agent-kit/kept";
import { z } from "zod";

/**
 * What a launch decided and an observer must know, kept in the session's folder: an observer, perhaps in another life of the
 * daemon, is only handed the session.
 */
export const LaunchNote = z.looseObject({
  launch: z.number(),
  /** The conversation's id, which we chose. */
  conversation: z.string(),
  configDir: z.string(),
  cwd: z.string(),
  /** This launch carries the first prompt. */
  hasPrompt: z.boolean().default(false),
  /** Rules that the user allowed permanently with `ao answer --always`. */
  allowed: z.array(z.string()).default([]),
});
export type LaunchNote = z.infer<typeof LaunchNote>;

/** The message that we typed last: what of it stands in the input box is no human's, and whose receipt its text is. */
export const Draft = z.looseObject({
  id: z.string(),
  text: z.string(),
  /** What of it stood in the box when a dialog stopped us. */
  left: z.string().optional(),
  /** It was received, or taken back, or is lost among a human's words: what stands in the box is not ours any more. */
  isOver: z.boolean().optional(),
  /** How often the typing was begun anew after a daemon was killed in the middle of it. The runtime never types under one id twice. */
  attempt: z.number().optional(),
  /** All of it stood in the box, and the Enter may have been pressed: from here on only a receipt tells. */
  isEntered: z.boolean().optional(),
  /** What was left of it went out with a human's words: it is not typed again. */
  isMerged: z.boolean().optional(),
});
export type Draft = z.infer<typeof Draft>;

/** Our files of one session. */
export const placesIn = (sessionDir: string) => {
  const dir = join(sessionDir, "claude");
  return {
    dir,
    note: join(dir, "launch.json"),
    settings: join(dir, "settings.json"),
    /** What hooks say. */
    drop: join(dir, "drop"),
    /** Open requests wait here for an answer. */
    asks: join(dir, "asks"),
    /** How far the transcript was read, and what was in it. */
    tail: join(dir, "tail.json"),
    draft: join(dir, "draft.json"),
    messages: join(dir, "messages"),
  };
};

const noteFile = (sessionDir: string) => keptFile(placesIn(sessionDir).note, LaunchNote, { isDurable: false });
export const readNote = (sessionDir: string): LaunchNote | null => noteFile(sessionDir).read();
export const writeNote = (sessionDir: string, note: LaunchNote): void => noteFile(sessionDir).write(note);

export const draftFile = (sessionDir: string) => keptFile(placesIn(sessionDir).draft, Draft, { isDurable: false });

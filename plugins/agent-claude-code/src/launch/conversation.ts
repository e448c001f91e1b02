import { createHash } from "node:crypto";
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "@agent-orchestrator/agent-kit/kept";
import { realFolder } from "@agent-orchestrator/agent-kit/launch";
import { textFrom } from "@agent-orchestrator/agent-kit/text-end";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { lookUp } from "@agent-orchestrator/plugin-kit/process";
import { z } from "zod";
import { isLive, listStatusFiles } from "../status.ts";

/** A UUID derived from the words. */
function uuidOf(words: string): string {
  const hex = createHash("sha256").update(words).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

/** An id without a transcript. Claude Code does not start a conversation whose id was used before. */
export function freshConversation(configDir: string, sessionDir: string): string {
  for (let n = 1; ; n++) {
    const id = uuidOf(`${sessionDir} ${n}`);
    if (findTranscript(configDir, id) === null) return id;
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HEAD_BYTES = 256 * 1024;
const HeadLine = z.looseObject({ sessionId: z.string(), cwd: z.string() });

/**
 * Whether this conversation can be continued in this folder. False if it does not exist. Throws REFUSED for one that belongs to another
 * folder, or that is running elsewhere, because two programs would write one transcript.
 */
export function canResume(configDir: string, id: string, cwd: string): boolean {
  if (!UUID.test(id)) return false;
  const path = findTranscript(configDir, id);
  if (path === null) return false;
  const head = headOf(path);
  if (head === null) return false;
  if (head.sessionId !== id) throw refused(`its transcript is that of another conversation, ${head.sessionId}`);
  if (realFolder(head.cwd) !== realFolder(cwd)) throw refused(`it was held in another folder, ${head.cwd}`);
  const other = listStatusFiles(configDir).find((status) => status.sessionId === id && isLive(status, lookUp));
  if (other !== undefined) throw refused(`process ${other.pid} has it open now`);
  return true;
}

const refused = (why: string): AoError =>
  new AoError("REFUSED", `the conversation is not gone on with: ${why}`, {
    hint: "Close that program, or start a new session with `ao spawn … --again`.",
  });

/** Conversation and folder, from the first line that has them. Lines of other kinds come first, and the last may be cut off. */
function headOf(path: string): z.infer<typeof HeadLine> | null {
  // Only the beginning, because transcripts grow to hundreds of megabytes.
  for (const line of (textFrom(path, 0, HEAD_BYTES) ?? "").split("\n")) {
    const parsed = HeadLine.safeParse(parseJson(line));
    if (parsed.success) return parsed.data;
  }
  return null;
}

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
const slugOf = (cwd: string): string => cwd.replace(/[^A-Za-z0-9]/g, "-");

const transcriptsDir = (configDir: string): string => join(configDir, "projects");

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

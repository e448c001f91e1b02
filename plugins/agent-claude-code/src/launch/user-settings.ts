import { dirname, join } from "node:path";
import { readJson } from "@agent-orchestrator/agent-kit/kept";
import { z } from "zod";

const Rules = z.array(z.string()).catch([]);

const UserSettings = z.looseObject({
  permissions: z
    .looseObject({ allow: Rules.optional(), deny: Rules.optional(), ask: Rules.optional() })
    .optional()
    .catch(undefined),
  editorMode: z.string().optional().catch(undefined),
  statusLine: z
    .looseObject({ type: z.string(), command: z.string(), padding: z.number().optional() })
    .optional()
    .catch(undefined),
});
type UserSettings = z.infer<typeof UserSettings>;

export interface StatusLine {
  command: string;
  padding?: number;
}

export interface LocalRules {
  allow: string[];
  deny: string[];
  ask: string[];
}

/** The status line that the user would see without us. The checkout's settings take precedence over the user's. */
export function userStatusLine(configDir: string, cwd: string): StatusLine | null {
  const files = [
    join(cwd, ".claude", "settings.local.json"),
    join(cwd, ".claude", "settings.json"),
    join(configDir, "settings.json"),
  ];
  for (const file of files) {
    const line = read(file).statusLine;
    if (line === undefined) continue;
    if (line.type !== "command") return null;
    return { command: line.command, ...(line.padding === undefined ? {} : { padding: line.padding }) };
  }
  return null;
}

/** What the user allowed for themselves in the main repository. Git ignores that file, so a worktree has no copy of it. */
export function localRules(mainRepository: string): LocalRules {
  const {
    allow = [],
    deny = [],
    ask = [],
  } = read(join(mainRepository, ".claude", "settings.local.json")).permissions ?? {};
  return { allow, deny, ask };
}

/** Whether the user types with vim keys. An older version keeps that in its global file. */
export function usesVimKeys(configDir: string): boolean {
  const files = [
    join(configDir, "settings.json"),
    join(configDir, ".claude.json"),
    join(dirname(configDir), ".claude.json"),
  ];
  return files.some((file) => read(file).editorMode === "vim");
}

/** Missing or unreadable ones say nothing. Claude itself reports a broken one. */
const read = (path: string): UserSettings => readJson(path, UserSettings) ?? {};

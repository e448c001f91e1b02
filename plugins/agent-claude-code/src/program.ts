import { readFileSync } from "node:fs";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { findProgram } from "@agent-orchestrator/plugin-kit/program";
import { z } from "zod";
import type { Options } from "./options.ts";
import { configPlaces } from "./places.ts";

/** The program's file. Throws UNAVAILABLE if there is none. */
export function locate({ command }: Options, env: Readonly<Record<string, string>>): string {
  const [program] = command;
  const found = findProgram(program, env);
  if (found !== null) return found;
  throw new AoError("UNAVAILABLE", `Claude Code's program ${program} was not found`, {
    hint: "Install it (npm install -g @anthropic-ai/claude-code), or set `agentConfig: {command: …}`.",
  });
}

const GlobalFile = z.looseObject({
  hasCompletedOnboarding: z.boolean().optional(),
  customApiKeyResponses: z
    .looseObject({ approved: z.array(z.string()).optional() })
    .optional()
    .catch(undefined),
  projects: z
    .record(z.string(), z.looseObject({ hasTrustDialogAccepted: z.boolean().optional() }).catch({}))
    .optional()
    .catch(undefined),
});

/** What the user agreed to in Claude Code itself. We never agree for them. */
export interface Consents {
  isSetUp: boolean;
  isKeyApproved: boolean;
  isTrusted(folder: string): boolean;
}

export function consents(env: Readonly<Record<string, string>>): Consents {
  const file = readGlobal(configPlaces(env).globalFile);
  const key = env.ANTHROPIC_API_KEY;
  const approved = file.customApiKeyResponses?.approved ?? [];
  return {
    isSetUp: file.hasCompletedOnboarding === true,
    isKeyApproved: key === undefined || key === "" || approved.includes(key.slice(-20)),
    isTrusted: (folder) => file.projects?.[folder]?.hasTrustDialogAccepted === true,
  };
}

function readGlobal(path: string): z.infer<typeof GlobalFile> {
  try {
    return GlobalFile.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return {}; // It was never run, so nothing was agreed to.
  }
}

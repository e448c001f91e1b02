import { locate } from "@agent-orchestrator/agent-kit/examine";
import { readJson } from "@agent-orchestrator/agent-kit/kept";
import { z } from "zod";
import type { Options } from "../options.ts";
import { configPlaces } from "./conversation.ts";

/** Throws UNAVAILABLE if the program is missing. */
export const locateClaude = ({ command: [command] }: Options, env: Readonly<Record<string, string>>): string =>
  locate({ command, env, install: "npm install -g @anthropic-ai/claude-code" });

/** The versions that this plugin was recorded and tested with. Versions between them are assumed to behave alike. */
export const TRIED = ["2.1.197", "2.1.332"] as const;

/** False for a version that is older or newer than all tested ones, and for an unknown one. */
export function isTried(version: string | null): boolean {
  if (version === null) return false;
  return compare(version, TRIED[0]) >= 0 && compare(version, TRIED[1]) <= 0;
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((each) => each.split(".").map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
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
  // One that was never run has none, so nothing was agreed to.
  const file = readJson(configPlaces(env).globalFile, GlobalFile) ?? {};
  const key = env.ANTHROPIC_API_KEY;
  const approved = file.customApiKeyResponses?.approved ?? [];
  return {
    isSetUp: file.hasCompletedOnboarding === true,
    isKeyApproved: key === undefined || key === "" || approved.includes(key.slice(-20)),
    isTrusted: (folder) => file.projects?.[folder]?.hasTrustDialogAccepted === true,
  };
}

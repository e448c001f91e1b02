import { statSync } from "node:fs";
import { atomicReplace } from "@agent-orchestrator/core/host/files";
import type { AgentLaunchConfig, LaunchSpec } from "@agent-orchestrator/core/slots/agent";
import { dropCommand } from "@agent-orchestrator/plugin-kit/drop-folder";
import type { AiderOptions } from "./options.ts";
import { type Launched, makePlace, type Place, readLaunched } from "./place.ts";

/** Aider's own files and questions are kept out of the checkout, and out of the way of a start without a human. */
const MANAGED = [
  "--no-gitignore",
  "--no-check-update",
  "--no-show-release-notes",
  "--no-analytics",
  "--no-show-model-warnings",
  // The words of an issue may hold any address: it is neither asked about nor fetched.
  "--no-detect-urls",
  // A message of several lines is one paste, and Enter sends it.
  "--fancy-input",
  "--no-multiline",
] as const;

/** null: asked to go on with a conversation that is not there any more, or was led in another checkout. */
export function launchSpec(options: AiderOptions, config: AgentLaunchConfig): LaunchSpec | null {
  // A conversation that begins anew is another one: what was said before in this session is none of its.
  const place = makePlace(config.sessionDir, config.resume === undefined ? (config.launch ?? 1) : undefined);
  if (config.resume !== undefined && !canResume(place, config.workspacePath)) return null;
  const model = config.model ?? options.model ?? null;
  const awaitsPrompt = config.resume === undefined && config.prompt !== undefined;
  const { conversation } = place;
  const launched: Launched = { workspacePath: config.workspacePath, conversation, awaitsPrompt };
  atomicReplace(place.launch, JSON.stringify(launched), { mode: 0o600 });
  const { instructions } = config;
  return {
    argv: [
      options.command,
      ...MANAGED,
      ...["--chat-history-file", place.chat, "--input-history-file", place.input],
      config.resume === undefined ? "--no-restore-chat-history" : "--restore-chat-history",
      ...["--notifications", "--notifications-command", notification(place)],
      ...(isYesToAll(options) ? ["--yes-always"] : []),
      ...(model === null ? [] : ["--model", model]),
      ...(instructions === undefined ? [] : ["--read", instructions.file]),
      ...options.args,
    ],
    env: { ...(isYesToAll(options) ? NO_BROWSER : {}), ...options.env },
    paste: "bracketed",
    // Its conversation is restored, and goes on with what is said next.
    promptDelivered: config.resume !== undefined,
  };
}

/** Aider runs it with its own terminal as standard input, and waits for it. */
const notification = (place: Place): string => `exec </dev/null; ${dropCommand(place.told, "waiting")}`;

/** Aider knows its asking mode and this one; what lies between is answered by this plugin. */
export const isYesToAll = ({ permissions }: AiderOptions): boolean => permissions === "auto" || permissions === "skip";

/** "Open URL for more info?" is answered with yes too, and a browser for the terminal would take the terminal. */
const NO_BROWSER = { BROWSER: "true" };

/** Another session's conversation, or another checkout's, is never gone on with. */
export function canResume(place: Place, workspacePath: string): boolean {
  const size = statSync(place.chat, { throwIfNoEntry: false })?.size ?? 0;
  return size > 0 && readLaunched(place.launch)?.workspacePath === workspacePath;
}

import { statSync } from "node:fs";
import type { AgentLaunchConfig, LaunchSpec } from "@agent-orchestrator/core/slots/agent";
import { dropCommand } from "@agent-orchestrator/plugin-kit/drop-folder";
import type { AiderOptions } from "../options.ts";
import { launchedFile, makePlace, type Place, readLaunched } from "./place.ts";

/** Keeps aider's own files out of the checkout, and its questions out of a start without a user. */
const MANAGED = [
  "--no-gitignore",
  "--no-check-update",
  "--no-show-release-notes",
  "--no-analytics",
  "--no-show-model-warnings",
  // An issue may contain any URL, which must be neither asked about nor fetched.
  "--no-detect-urls",
  // A message of several lines is one paste, and Enter sends it.
  "--fancy-input",
  "--no-multiline",
] as const;

/** Null if it should continue a conversation that no longer exists, or belongs to another checkout. */
export function launchSpec(options: AiderOptions, config: AgentLaunchConfig): LaunchSpec | null {
  // A new conversation does not include what was said earlier in this session.
  const place = makePlace(config.sessionDir, config.resume === undefined ? (config.launch ?? 1) : undefined);
  if (config.resume !== undefined && !canResume(place, config)) return null;
  const model = config.model ?? options.model ?? null;
  const awaitsPrompt = config.resume === undefined && config.prompt !== undefined;
  const { conversation } = place;
  launchedFile(config.sessionDir).write({ workspacePath: config.workspacePath, conversation, awaitsPrompt });
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
    // Its conversation is restored, and continues with the next message.
    promptDelivered: config.resume !== undefined,
  };
}

/** Aider runs it with its terminal as standard input, and waits for it. */
const notification = (place: Place): string => `exec </dev/null; ${dropCommand(place.told, "waiting")}`;

/** Aider has its asking mode and this one. This plugin answers for the modes in between. */
const isYesToAll = ({ permissions }: AiderOptions): boolean => permissions === "auto" || permissions === "skip";

/** "Open URL for more info?" is also answered with yes, and a text browser would take over the terminal. */
const NO_BROWSER = { BROWSER: "true" };

/** A conversation of another session or checkout is never continued. */
function canResume({ chat }: Place, { sessionDir, workspacePath }: AgentLaunchConfig): boolean {
  const size = statSync(chat, { throwIfNoEntry: false })?.size ?? 0;
  return size > 0 && readLaunched(sessionDir)?.workspacePath === workspacePath;
}

import { realFolder, workingFolder } from "@agent-orchestrator/agent-kit/launch";
import { ensureDir } from "@agent-orchestrator/core/host/files";
import type { AgentLaunchConfig, LaunchSpec } from "@agent-orchestrator/core/slots/agent";
import { putFile } from "@agent-orchestrator/plugin-kit/files/folders";
import { releaseAll } from "../hooks/asks.ts";
import type { Options } from "../options.ts";
import { asFirstPrompt } from "../words.ts";
import { canResume, configPlaces, freshConversation } from "./conversation.ts";
import { type LaunchNote, placesIn, readNote, writeNote } from "./note.ts";
import { modeWord, settingsFor } from "./settings.ts";

/** Writes our files for this launch. Null if it should continue a conversation that does not exist. */
export function launchSpec(options: Options, config: AgentLaunchConfig): LaunchSpec | null {
  const note = noteFor(config);
  if (note === null) return null;
  const places = placesIn(config.sessionDir);
  for (const dir of [places.drop, places.asks]) ensureDir(dir);
  if (note.launch !== readNote(config.sessionDir)?.launch) releaseAll(places.asks);
  writeNote(config.sessionDir, note);
  putFile(places.settings, `${JSON.stringify(settingsFor(options, config, note), null, 1)}\n`);
  const isResumed = config.resume !== undefined;
  const prompt = isResumed ? undefined : asFirstPrompt(config);
  const argv = [
    ...options.command,
    isResumed ? "--resume" : "--session-id",
    note.conversation,
    "--settings",
    places.settings,
    "--permission-mode",
    modeWord(options.permissions),
    ...(config.instructions === undefined ? [] : ["--append-system-prompt-file", config.instructions.file]),
    ...(options.model === undefined ? [] : ["--model", options.model]),
    ...options.args,
    ...(prompt === undefined ? [] : ["--", prompt]),
  ];
  return { argv, env: options.env, promptDelivered: true };
}

/** The same launch always gets the same. Null if there is nothing to continue. */
function noteFor(config: AgentLaunchConfig): LaunchNote | null {
  const { sessionDir, resume, launch = 1 } = config;
  const cwd = realFolder(workingFolder(config));
  const configDir = configPlaces(config.environment ?? {}).dir;
  const known = readNote(sessionDir);
  const allowed = known?.allowed ?? [];
  if (resume !== undefined) {
    const conversation = resume.agentSessionId ?? known?.conversation;
    if (conversation === undefined || !canResume(configDir, conversation, cwd)) return null;
    return { launch, conversation, configDir, cwd, allowed, hasPrompt: false };
  }
  const isSame = known?.launch === launch && known.configDir === configDir && known.cwd === cwd;
  const conversation = isSame ? known.conversation : freshConversation(configDir, sessionDir);
  const hasPrompt = config.prompt !== undefined;
  return { launch, conversation, configDir, cwd, allowed, hasPrompt };
}

import { locatedIn, textOrFile } from "@agent-orchestrator/agent-kit/launch";
import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentLaunchConfig, LaunchSpec } from "@agent-orchestrator/core/slots/agent";
import { inHome } from "@agent-orchestrator/plugin-kit/program";
import type { Options } from "./options.ts";

/** The program and its arguments for this launch. Null if it should continue a conversation, and this agent can't. */
export function launchSpec(options: Options, config: AgentLaunchConfig, home: string | undefined): LaunchSpec | null {
  const { resume } = config;
  const spec = resume === undefined ? first(options, config) : again(options, resume);
  if (spec === null) return null;
  const [program = "", ...rest] = spec.argv;
  return {
    ...spec,
    argv: [locatedIn(inHome(program, home === undefined ? {} : { HOME: home }), config), ...rest],
    ...(options.paste === null ? {} : { paste: options.paste }),
  };
}

function first(options: Options, config: AgentLaunchConfig): LaunchSpec {
  if (options.command === null) throw noCommand();
  return {
    argv: fill(options.command, "prompt", { text: config.prompt, file: config.promptFile }),
    // Inline without a placeholder: the program reads $AO_PROMPT_FILE by itself, and nothing is typed.
    promptDelivered: options.promptDelivery === "inline",
  };
}

function again(options: Options, resume: NonNullable<AgentLaunchConfig["resume"]>): LaunchSpec | null {
  if (options.resume === null) return anew(options, resume);
  const takesMessage = hasBlank(options.resume, "message");
  if (takesMessage && resume.message === undefined && resume.messageFile === undefined) return null;
  return {
    argv: fill(options.resume, "message", { text: resume.message, file: resume.messageFile }),
    promptDelivered: takesMessage,
  };
}

/** A program that ends with each turn, and takes its prompt as an argument, takes the next message in the same way. */
function anew(options: Options, resume: NonNullable<AgentLaunchConfig["resume"]>): LaunchSpec | null {
  if (options.lifetime !== "per-turn" || options.command === null || resume.message === undefined) return null;
  if (!hasBlank(options.command, "prompt")) return null;
  const argv = fill(options.command, "prompt", { text: resume.message, file: resume.messageFile });
  return { argv, promptDelivered: true };
}

export function noCommand(): AoError {
  return new AoError("CONFIG", "the agent `command` has no command to run", {
    hint: "Set `agentConfig: {command: …}` in the project, or choose another agent.",
  });
}

export interface Blank {
  text: string | undefined;
  file: string | undefined;
}

/**
 * Replaces `{name}` and `{nameFile}` inside the arguments once. Replaced text is never scanned again. An argument that is
 * only a placeholder without text is left out.
 */
function fill(words: readonly string[], name: "prompt" | "message", blank: Blank): string[] {
  const { text, file } = blank;
  const values: Record<string, string | undefined> = {
    [`{${name}}`]: text === undefined ? undefined : textOrFile(cleanMessage(text), file),
    [`{${name}File}`]: file,
  };
  const pattern = new RegExp(`\\{${name}(?:File)?\\}`, "g");
  return words.flatMap((word) => {
    if (word in values && values[word] === undefined) return [];
    const filled = word.replace(pattern, (found) => values[found] ?? "");
    // A text may begin with a dash, and must not become an option.
    return [word.startsWith("{") && filled.startsWith("-") ? ` ${filled}` : filled];
  });
}

function hasBlank(words: readonly string[], name: "prompt" | "message"): boolean {
  return words.some((word) => word.includes(`{${name}}`) || word.includes(`{${name}File}`));
}

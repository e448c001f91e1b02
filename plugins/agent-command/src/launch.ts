import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentLaunchConfig, LaunchSpec } from "@agent-orchestrator/core/slots/agent";
import { findProgram, inHome, isExecutable } from "@agent-orchestrator/plugin-kit/program";
import { fill, hasBlank } from "./fill.ts";
import type { Options } from "./options.ts";

/** The program and its arguments for this launch. Null if it should continue a conversation, and this agent can't. */
export function launchSpec(options: Options, config: AgentLaunchConfig, home: string | undefined): LaunchSpec | null {
  const { resume } = config;
  const spec = resume === undefined ? first(options, config) : again(options, resume);
  if (spec === null) return null;
  const [program = "", ...rest] = spec.argv;
  return {
    ...spec,
    argv: [located(inHome(program, home === undefined ? {} : { HOME: home }), config), ...rest],
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

/** `~/x` is in the user's home. `./x` is looked up in the checkout, then in the project, and a bare name on the session's PATH. */
function located(program: string, config: AgentLaunchConfig): string {
  if (isAbsolute(program) || !program.includes("/")) return program;
  const inCheckout = join(config.workspacePath, program);
  const inProject = join(config.projectConfig.path, program);
  return isExecutable(inCheckout) || !isExecutable(inProject) ? inCheckout : inProject;
}

/** Throws if the program is certainly missing. A path inside the checkout can only be judged once that exists. */
export function checkProgram(options: Options, env: Record<string, string>, projectPath: string | undefined): void {
  const program = options.command?.[0];
  if (program === undefined) throw noCommand();
  const path = inHome(program, env);
  if (!isAbsolute(path) && path.includes("/")) {
    if (projectPath === undefined || !existsSync(join(projectPath, path)) || isExecutable(join(projectPath, path)))
      return;
    throw missing(`${path} is not executable`, `Make it so: chmod +x ${path}`);
  }
  if (findProgram(path, env) !== null) return;
  throw missing(`the agent's program ${program} was not found`, "Install it, or fix `agentConfig: {command: …}`.");
}

const missing = (message: string, hint: string): AoError => new AoError("UNAVAILABLE", message, { hint });

function noCommand(): AoError {
  return new AoError("CONFIG", "the agent `command` has no command to run", {
    hint: "Set `agentConfig: {command: …}` in the project, or choose another agent.",
  });
}

import type { CommandSpec } from "../command.ts";
import { AGENT_COMMANDS } from "./agents.ts";
import { BEGIN_COMMANDS } from "./begin.ts";
import { DAEMON_COMMANDS } from "./daemon.ts";
import { FINISH_COMMANDS } from "./finish.ts";
import { LOOK_COMMANDS } from "./look.ts";
import { SETUP_COMMANDS } from "./set-up.ts";
import { WORK_COMMANDS } from "./work.ts";

/** Every command, in the order of the overview. Parsing, help, completions and docs/commands come from here. */
export const COMMANDS: readonly CommandSpec[] = [
  ...BEGIN_COMMANDS,
  ...WORK_COMMANDS,
  ...LOOK_COMMANDS,
  ...FINISH_COMMANDS,
  ...AGENT_COMMANDS,
  ...DAEMON_COMMANDS,
  ...SETUP_COMMANDS,
];

import type { Command, Option } from "commander";
import type { CommandRow, Completion } from "../command.ts";
import { createProgram, leavesOf } from "../parse/program.ts";
import type { SpecCommand, SpecOption } from "../parse/spec-command.ts";
import { PLUGIN_NAMES } from "./plugin-words.ts";
import { SESSION_STATUSES } from "./statuses.ts";

/** The first words of commands, each with its commands. */
export type Families = readonly { names: readonly string[]; members: readonly SpecCommand[] }[];

export function familiesOf(specs: readonly CommandRow[]): Families {
  const program = createProgram(specs, {
    io: { out: () => undefined, columns: () => 80 },
    run: async () => undefined,
  });
  const leaves = leavesOf(program);
  return program.commands.flatMap((command) => {
    const members = leaves.filter((leaf) => leaf === command || leaf.parent === command);
    return members.length === 0 ? [] : [{ names: [command.name(), ...command.aliases()], members }];
  });
}

/** The second word of a two-word command. */
export const secondOf = (command: SpecCommand): string | undefined => command.path().split(" ")[1];

/** The second words of a family. */
export const secondsOf = (members: readonly SpecCommand[]): string[] =>
  members.map(secondOf).filter((word) => word !== undefined);

/** Whether the first word of a family is a command as well. */
export const isCommandToo = (members: readonly SpecCommand[]): boolean =>
  members.some((member) => secondOf(member) === undefined);

export const optionsOf = (command: Command): Option[] => command.createHelp().visibleOptions(command);

export const namesOf = ({ short, long }: Option): string[] =>
  [short, long].filter((name): name is string => name !== undefined && name !== null);

export const completionOf = (option: Option): Completion | undefined => (option as Partial<SpecOption>).spec?.complete;

/** Words that are known in advance. Null for files, and for those the daemon is asked for. */
export function fixedWords(complete: Completion | undefined): readonly string[] | null {
  if (complete === undefined) return [];
  if (complete === "status") return SESSION_STATUSES;
  if (complete === "agent" || complete === "runtime" || complete === "workspace") return PLUGIN_NAMES[complete];
  return typeof complete === "string" ? null : complete;
}

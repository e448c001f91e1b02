import { Option } from "commander";
import type { CommandRow } from "../command.ts";
import { GROUP_TITLES } from "../output/help.ts";
import type { Io } from "../output/io.ts";
import { versionLine } from "../output/version.ts";
import { type Call, GLOBAL_GROUP, SpecCommand } from "./spec-command.ts";
import { unexpectedArgument } from "./usage-error.ts";

type Run = (call: Call) => Promise<void>;

export interface ProgramOptions {
  io: Pick<Io, "out" | "columns">;
  run: Run;
}

/** The commander program. It has the name and summary of every command, and the arguments and options of the one that is called. */
export function createProgram(specs: readonly CommandRow[], { io, run }: ProgramOptions): SpecCommand {
  const program = new SpecCommand("ao");
  program
    .usage("[options] <command>")
    .description("Give issues to coding agents, each in its own worktree and terminal, and be told when they need you.")
    .version(versionLine(), "-V, --version", "print the version")
    .addHelpOption(new Option("-h, --help", "show this help").helpGroup(GLOBAL_GROUP))
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    // Errors are thrown, so what commander writes is help. A bare `ao` or `ao config` asks for it as well.
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.out(text),
      getOutHelpWidth: () => io.columns(),
      getErrHelpWidth: () => io.columns(),
    });
  program.define(run);
  defineWhenCalled(program, run);
  for (const spec of specs) add(program, { spec, run });
  program
    .command("help", { hidden: true })
    .arguments("[command...]")
    .action((words: string[]) => showHelp(program, { words, run }));
  return program;
}

const defineWhenCalled = (parent: SpecCommand, run: Run): void => {
  parent.hook("preSubcommand", (_, command) => (command as SpecCommand).define(run));
};

function add(program: SpecCommand, { spec, run }: { spec: CommandRow; run: Run }): void {
  const [first = "", second] = spec.name.split(" ");
  const parent = second === undefined ? program : familyOf(program, { first, spec, run });
  const command = parent.command(second ?? first, { hidden: spec.isHidden === true });
  command.spec = spec;
  command.summary(spec.summary).aliases(spec.aliases ?? []);
  if (parent === program) command.helpGroup(`${GROUP_TITLES[spec.group]}:`);
}

/** The first word of two-word commands, which may be a command as well: `review`, `review held`. */
function familyOf(program: SpecCommand, { first, spec, run }: { first: string; spec: CommandRow; run: Run }) {
  const found = program.commands.find((command) => command.name() === first) as SpecCommand | undefined;
  if (found !== undefined && found.commands.length > 0) return found;
  const family = found ?? program.command(first).helpGroup(`${GROUP_TITLES[spec.group]}:`);
  family.helpCommand(false);
  defineWhenCalled(family, run);
  return family;
}

/** `ao help config show`. What does not exist is parsed as a command line, for the same error as there. */
async function showHelp(program: SpecCommand, { words, run }: { words: string[]; run: Run }): Promise<void> {
  let shown = program;
  for (const word of words) {
    const next = shown.commands.find((command) => command.name() === word || command.aliases().includes(word));
    if (next === undefined && shown.commands.length > 0)
      return void (await program.parseAsync(words, { from: "user" }));
    if (next === undefined) throw unexpectedArgument(word, "See `ao help`.");
    shown = next as SpecCommand;
  }
  shown.define(run);
  shown.outputHelp();
}

/** Every command that does something, with its options: for completions and docs. */
export function leavesOf(parent: SpecCommand): SpecCommand[] {
  return parent.commands.flatMap((command) => {
    const child = command as SpecCommand;
    if (child.spec === null || child.spec.isHidden === true) return leavesOf(child);
    child.define(async () => undefined);
    return [child, ...leavesOf(child)];
  });
}

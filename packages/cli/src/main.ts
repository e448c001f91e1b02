import { exitStatusOf, isAoError } from "@agent-orchestrator/core/model/errors";
import { CommanderError } from "commander";
import type { CommandRow } from "./command.ts";
import { createContext } from "./context.ts";
import { type Io, processIo } from "./output/io.ts";
import { createProgram } from "./parse/program.ts";
import { COMMANDS } from "./table.ts";

/** Runs a command line and returns its exit status. */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const isJson = argv.slice(0, endOfOptions(argv)).includes("--json");
  try {
    return await execute(argv, io);
  } catch (error) {
    if (error instanceof CommanderError) return 0; // help or the version has been printed
    const { printError } = await import("./output/error.ts");
    printError(io, error, { isJson });
    if (!isAoError(error) && io.env.AO_DEBUG !== undefined) io.err(`${(error as Error).stack ?? ""}\n`);
    return exitStatusOf(error);
  }
}

function endOfOptions(argv: readonly string[]): number {
  const end = argv.indexOf("--");
  return end === -1 ? argv.length : end;
}

/** The commands of this first word. All of them where it is an option, a typing error, or asks for help. */
function calledBy(word: string | undefined): readonly CommandRow[] {
  const called = COMMANDS.filter(({ name, aliases }) => name.split(" ")[0] === word || aliases?.includes(word ?? ""));
  return called.length > 0 ? called : COMMANDS;
}

/** A bare `ao` of a person. An agent, a pipe and a script get the help. */
const opensInbox = ({ env, isInTty, isOutTty }: Io): boolean => isInTty && isOutTty && !env.AO_SESSION_ID;

async function execute(argv: readonly string[], io: Io): Promise<number> {
  let status = 0;
  const words = argv.length === 0 && opensInbox(io) ? ["inbox"] : argv;
  const program = createProgram(calledBy(words[0]), {
    io,
    async run({ spec, input, global }) {
      const { run } = await spec.load();
      status = (await run(input, createContext(io, global))) ?? 0;
    },
  });
  await program.parseAsync(words, { from: "user" });
  return status;
}

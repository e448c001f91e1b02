import { AoError, exitStatusOf, isAoError } from "@agent-orchestrator/core/model/errors";
import type { CommandSpec } from "./command.ts";
import { createContext } from "./context.ts";
import { type Io, processIo } from "./output/io.ts";
import { parse } from "./parse/parse.ts";
import { type Routed, route } from "./parse/route.ts";
import { COMMANDS } from "./table/index.ts";

/** One command line, from its words to its exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  const io = processIo();
  const isJson = argv.slice(0, endOfOptions(argv)).includes("--json");
  try {
    return await execute(route(argv, COMMANDS), io);
  } catch (error) {
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

async function execute(routed: Routed, io: Io): Promise<number> {
  switch (routed.kind) {
    case "version": {
      const { VERSION } = await import("@agent-orchestrator/core/protocol/build");
      io.out(`${VERSION}\n`);
      return 0;
    }
    case "overview":
      return await help(io, routed.topic);
    case "help":
      return await help(io, routed.command.name);
    case "command":
      return await runCommand(routed.command, { words: routed.words, io });
  }
}

async function help(io: Io, topic: string | undefined): Promise<number> {
  const { helpText, overviewText } = await import("./output/help.ts");
  if (topic === undefined) {
    io.out(overviewText(COMMANDS, io.columns()));
    return 0;
  }
  const found = COMMANDS.filter((command) => command.name === topic || command.name.startsWith(`${topic} `));
  if (found.length === 0) throw new AoError("USAGE", `no such command: ${topic}`, { hint: "`ao help` lists them." });
  io.out(found.map((command) => helpText(command, io.columns())).join("\n"));
  return 0;
}

async function runCommand(command: CommandSpec, call: { words: string[]; io: Io }): Promise<number> {
  const parsed = parse(command, call.words);
  if (parsed.isHelp) return await help(call.io, command.name);
  const context = createContext(call.io, parsed.global);
  const { run } = await command.load();
  return (await run(parsed.input, context)) ?? 0;
}

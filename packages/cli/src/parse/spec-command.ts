import { Command, Option } from "commander";
import type { CommandRow, Input, OptionSpec } from "../command.ts";
import { HelpText } from "../output/help.ts";
import { usageError } from "./usage-error.ts";

/** Options of every command. They may also be given before it. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: "--json", text: "print one JSON document on stdout instead of text" },
  { flags: "-y, --yes", text: "do not ask before something that cannot be undone" },
  { flags: "--config <file>", text: "use this config", complete: "file" },
];
export const GLOBAL_GROUP = "Global options:";

export interface GlobalFlags {
  isJson: boolean;
  isYes: boolean;
  config: string | undefined;
}

export interface Call {
  spec: CommandRow;
  input: Input;
  global: GlobalFlags;
}

/** An option that remembers its row of the table. */
export class SpecOption extends Option {
  readonly spec: OptionSpec;

  constructor(spec: OptionSpec, group?: string) {
    super(spec.flags, spec.text);
    this.spec = spec;
    if (group !== undefined) this.helpGroup(group);
    if (spec.isClosed === true && Array.isArray(spec.complete)) this.choices(spec.complete);
    else if (spec.isList === true) this.argParser(appended);
  }
}

const appended = (value: string, before: string[] = []): string[] => [...before, value];

/** A command of the table, or the parent of two-word commands, which has no row. What it takes is only built when it is asked for. */
export class SpecCommand extends Command {
  spec: CommandRow | null = null;
  #isDefined = false;

  override createCommand(name?: string): SpecCommand {
    return new SpecCommand(name);
  }

  override createHelp(): HelpText {
    return Object.assign(new HelpText(), this.configureHelp());
  }

  override error(message: string, options?: { code?: string }): never {
    throw usageError(this, { message, code: options?.code ?? "" });
  }

  /** As the user types it, without `ao`: `pr create`. Empty for the program itself. */
  path(): string {
    const above = this.parent instanceof SpecCommand ? this.parent.path() : null;
    if (above === null) return "";
    return above === "" ? this.name() : `${above} ${this.name()}`;
  }

  /** Builds options, arguments and action of this one command. */
  define(run: (call: Call) => Promise<void>): void {
    if (this.#isDefined) return;
    this.#isDefined = true;
    const { spec } = this;
    if (spec !== null) {
      if (spec.args !== undefined) this.arguments(spec.args);
      for (const option of spec.options ?? []) this.addOption(new SpecOption(option));
      if (spec.isPassThrough === true) this.passThroughOptions();
      this.action(() => run({ spec, input: inputOf(this), global: globalOf(this) }));
    }
    for (const option of GLOBAL_OPTIONS) this.addOption(new SpecOption(option, GLOBAL_GROUP));
    for (const option of this.options)
      if (option.required) this.on(`option:${option.name()}`, (value) => this.#refuse(option, value));
  }

  /** `--model --dry-run`: the value was forgotten. */
  #refuse(option: Option, value: string): void {
    const isOption = value.startsWith("--") && this.options.some(({ long }) => long === value);
    if (isOption)
      this.error(`error: option '${option.flags}' argument missing`, { code: "commander.optionMissingArgument" });
  }
}

function inputOf(command: Command): Input {
  const values = command.opts();
  const value = (name: string): unknown => values[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
  return {
    args: command.args,
    text(name) {
      const found = value(name);
      return typeof found === "string" ? found : undefined;
    },
    flag: (name) => value(name) === true,
    list: (name) => (value(name) as string[] | undefined) ?? [],
  };
}

function globalOf(command: Command): GlobalFlags {
  const { json, yes, config } = command.optsWithGlobals();
  return { isJson: json === true, isYes: yes === true, config };
}

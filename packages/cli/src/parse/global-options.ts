import type { OptionSpec } from "../command.ts";

/** What every command has. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: "--json", text: "one JSON document on stdout instead of text" },
  { flags: "-y, --yes", text: "do not ask before what cannot be undone" },
  { flags: "--config <file>", text: "the config to use", complete: "file" },
  { flags: "-h, --help", text: "show this" },
];

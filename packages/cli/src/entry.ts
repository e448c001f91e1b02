import { versionLine } from "./output/version.ts";

/** The entry of the bundle. Prints the version before anything else is loaded. */
const first = process.argv[2];
if (process.argv.length === 3 && (first === "--version" || first === "-V")) {
  process.stdout.write(`${versionLine()}\n`);
} else {
  void run();
}

/** Not at the top level, which CommonJS does not wait for. */
async function run(): Promise<void> {
  const { main } = await import("./main.ts");
  process.exitCode = await main(process.argv.slice(2));
}

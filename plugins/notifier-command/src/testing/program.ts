import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { create } from "../index.ts";

export interface TestProgram {
  dir: string;
  file: string;
  /** What it wrote to this file in its folder. Null if there is none. */
  read(name: string): string | null;
}

/** An executable of its own folder, `$DIR` in its lines. */
export function shellProgram(lines: string): TestProgram {
  const dir = tempDir("ao-notify");
  const file = join(dir, "notify");
  writeFileSync(file, `#!/bin/sh\nDIR='${dir}'\n${lines}\n`);
  chmodSync(file, 0o755);
  const read = (name: string) => (existsSync(join(dir, name)) ? readFileSync(join(dir, name), "utf8") : null);
  return { dir, file, read };
}

/** A program that keeps each event that it gets, in the order of their arrival. */
export function recorder(): TestProgram & { documents(): string[] } {
  const program = shellProgram('cat > "$DIR/$$.part" && mv "$DIR/$$.part" "$DIR/$(date +%s%N).json"');
  const names = () => readdirSync(program.dir).filter((name) => name.endsWith(".json"));
  return {
    ...program,
    documents: () =>
      names()
        .sort()
        .flatMap((name) => program.read(name) ?? []),
  };
}

export const notifierOf = (options: Record<string, unknown>, env: Record<string, string> = {}) => {
  const context = pluginContext();
  return create(options, { ...context, env: () => ({ ...context.env(), ...env }) });
};

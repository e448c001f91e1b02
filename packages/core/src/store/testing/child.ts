import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { onTestFinished } from "vitest";

/** Bundles a script of this folder into one file for plain Node. It stays where its native package is found until the test ends. */
export function bundleChild(name: string): string {
  const dir = join(import.meta.dirname, "../../../node_modules/.cache/ao-test");
  mkdirSync(dir, { recursive: true });
  const outfile = join(dir, `${name}-${process.pid}.mjs`);
  buildSync({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["source"],
    external: ["vitest", "fs-native-extensions"],
    logLevel: "error",
  });
  onTestFinished(() => rmSync(outfile, { force: true }));
  return outfile;
}

export interface Child {
  process: ChildProcess;
  /** Lines of its standard output so far. */
  lines: string[];
  exited: Promise<number | null>;
}

/** Runs a program and collects its lines. The caller kills it in the end. */
export function startChild(command: string, args: string[]): Child {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines: string[] = [];
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { process: child, lines, exited };
}

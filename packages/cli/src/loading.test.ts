import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { beforeAll, expect, it } from "vitest";
import { COMMANDS } from "./table.ts";

const src = "packages/cli/src";
let metafile: Metafile;

beforeAll(async () => {
  const built = await build({
    absWorkingDir: join(import.meta.dirname, "../../.."),
    entryPoints: [`${src}/entry.ts`],
    outdir: "out",
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    conditions: ["source"],
    logLevel: "error",
  });
  ({ metafile } = built);
});

/** The files that these load before anything asks for more. */
function loadedBy(...entries: string[]): string[] {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { path, kind } of metafile.inputs[file]?.imports ?? []) if (kind !== "dynamic-import") visit(path);
  };
  for (const entry of entries) visit(entry);
  return [...reached];
}

it("`ao --version` loads nothing else", () => {
  expect(loadedBy(`${src}/entry.ts`)).toEqual([
    `${src}/entry.ts`,
    `${src}/output/version.ts`,
    "node:fs",
    "packages/core/src/protocol/build.ts",
  ]);
});

it("no command's code is loaded before it is called, and none loads the daemon or zod", () => {
  const codeOf = (file: string) => `${src}/commands/${file}.ts`;
  expect(loadedBy(`${src}/main.ts`).filter((path) => path.startsWith(`${src}/commands/`))).toEqual([]);
  expect(loadedBy(codeOf("status")).filter((path) => path.startsWith(`${src}/commands/`))).toEqual([codeOf("status")]);
  const all = COMMANDS.map(({ name }) => codeOf(name.replaceAll(" ", "-")));
  const loaded = loadedBy(`${src}/main.ts`, ...all);
  expect(loaded).toEqual(expect.arrayContaining(all));
  expect(loaded.filter((path) => /node_modules\/zod\/|^packages\/daemon\//.test(path))).toEqual([]);
});

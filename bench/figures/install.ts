import { execFileSync } from "node:child_process";
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeTempDir, removeDir } from "@agent-orchestrator/testkit/temp-dir";
import type { Bench } from "../support/context.ts";

const CLI = fileURLToPath(new URL("../../packages/cli", import.meta.url));

/** What a user gets: the published package, installed with npm without development dependencies. */
export const install: Bench = async () => {
  const dir = makeTempDir("ao-bench-install");
  try {
    execFileSync("pnpm", ["pack", "--pack-destination", dir], { cwd: CLI, stdio: "pipe" });
    const tarball = readdirSync(dir).find((name) => name.endsWith(".tgz")) ?? "";
    const flags = ["--omit=dev", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
    execFileSync("npm", ["install", "--prefix", join(dir, "there"), ...flags, join(dir, tarball)], { stdio: "pipe" });
    const modules = join(dir, "there/node_modules");
    const parts = packagesIn(modules).map((name) => ({ name, mb: diskMb(join(modules, name)) }));
    parts.sort((a, b) => b.mb - a.mb);
    return [
      {
        id: "install",
        what: "install size (production)",
        unit: "MB",
        figure: diskMb(modules),
        goal: "≤ 60 MB",
        limit: 60,
        notes: parts.slice(0, 6).map(({ name, mb }) => `${name} ${mb.toFixed(1)} MB`),
      },
    ];
  } finally {
    removeDir(dir);
  }
};

const packagesIn = (modules: string): string[] =>
  readdirSync(modules)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) =>
      name.startsWith("@") ? readdirSync(join(modules, name)).map((child) => join(name, child)) : [name],
    );

/** Blocks on disk, as `du` counts them. */
function diskMb(path: string): number {
  const stat = lstatSync(path);
  const own = (stat.blocks * 512) / 1e6;
  if (!stat.isDirectory()) return own;
  return readdirSync(path).reduce((sum, name) => sum + diskMb(join(path, name)), own);
}

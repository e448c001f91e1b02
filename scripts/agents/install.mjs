// The real agent programs, in the versions of e2e/agents/pins.json, in a cache outside the repository.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fail, root, run } from "../lib.mjs";

export const pins = JSON.parse(readFileSync(join(root, "e2e/agents/pins.json"), "utf8"));

const cache = () => join(process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), ".cache"), "ao-test-agents");

/** The folder with the program of this name. Installs it if it is missing. */
export function installAgent(name) {
  const { package: wanted, version, program, folder: own } = pins[name];
  // A stand-in of this repository, for a program that no registry used here has.
  if (own !== undefined) return join(root, own);
  const folder = join(cache(), `${program}-${version}`);
  const bin = join(folder, "node_modules/.bin");
  if (existsSync(join(folder, "complete"))) return bin;
  const half = `${folder}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  console.error(`ao: installing ${wanted}@${version} into ${folder}`);
  const args = ["install", "--prefix", half, "--no-audit", "--no-fund", "--loglevel=error", "--save-exact"];
  if (run("npm", [...args, `${wanted}@${version}`], { stdio: ["ignore", 2, 2] }) !== 0) {
    fail(`${wanted}@${version} could not be installed`, "Is the npm registry reachable?", 69);
  }
  finishInstall(half, wanted);
  const said = spawnSync(join(half, "node_modules/.bin", program), ["--version"], { encoding: "utf8" });
  if (!said.stdout?.includes(version)) fail(`${program} says it is ${said.stdout || said.stderr}, not ${version}`);
  writeFileSync(join(half, "complete"), `${new Date().toISOString()}\n`);
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  renameSync(half, folder);
  return bin;
}

/** Newer versions of npm do not run install scripts by themselves. This runs the package's own, which puts the native program in place. */
function finishInstall(folder, name) {
  const home = join(folder, "node_modules", name);
  const script = ["install.cjs", "postinstall.mjs"].map((file) => join(home, file)).find(existsSync);
  if (script !== undefined) spawnSync(process.execPath, [script], { cwd: home, stdio: ["ignore", 2, 2] });
}

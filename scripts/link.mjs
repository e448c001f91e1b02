// Puts `ao` on PATH, for this user only.
import { accessSync, constants, existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { outputOf } from "./lib.mjs";

const onPath = (folder) => (process.env.PATH ?? "").split(delimiter).includes(folder);

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false; // Missing, or somebody else's.
  }
}

/**
 * Picks ~/.local/bin if it is on PATH, else npm's folder for programs, else ~/.local/bin together with a hint to add it to PATH. If HOME
 * is not this user's own, nothing outside it is touched.
 */
function chooseFolder() {
  const home = process.env.HOME ?? homedir();
  const local = join(home, ".local/bin");
  if (onPath(local) || home !== userInfo().homedir) return local;
  const prefix = outputOf("npm", ["prefix", "-g"]);
  const global = prefix === null ? null : join(prefix, "bin");
  return global !== null && onPath(global) && isWritable(global) ? global : local;
}

/** A link to a missing checkout of ours may be replaced. Anything else is left alone. */
function present(path) {
  try {
    if (!lstatSync(path).isSymbolicLink()) return "foreign";
    return readlinkSync(path).endsWith("/packages/cli/bin/ao.js") ? "ours" : "foreign";
  } catch {
    return "nothing";
  }
}

/** Returns what was done, in one or two lines. */
export function link(target) {
  const folder = chooseFolder();
  const path = join(folder, "ao");
  const found = present(path);
  if (found === "foreign") return `${path} is another program and was left alone; call ${target}`;
  if (found === "ours" && readlinkSync(path) === target)
    return `${path} → ${target} (was there already)${pathHint(folder)}`;
  if (found === "ours" && existsSync(path)) {
    return `${path} is that of another checkout, and was left alone: ${readlinkSync(path)}\nto use this one: ln -sf ${target} ${path}`;
  }
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  symlinkSync(target, path);
  return `${path} → ${target}${pathHint(folder)}`;
}

function pathHint(folder) {
  return onPath(folder) ? "" : `\nadd it to your PATH: export PATH="${folder}:$PATH"`;
}

// What the scripts share: running programs, stamps, a lock, and errors.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
export const tools = join(root, ".tools");

/** Ends the script with one line and one hint. */
export function fail(message, hint, status = 1) {
  console.error(`ao: ${message}${hint === undefined ? "" : `\n  hint: ${hint}`}`);
  process.exit(status);
}

/** PATH with the pinned pnpm and the workspace's own programs first. */
export function toolEnv(more = {}) {
  const path = [join(tools, "node_modules/.bin"), join(root, "node_modules/.bin"), process.env.PATH ?? ""].join(
    delimiter,
  );
  return { ...process.env, PATH: path, ...more };
}

/** Runs a program on our terminal and returns its exit status. */
export function run(program, args, options = {}) {
  const ended = spawnSync(program, args, { cwd: root, stdio: "inherit", env: toolEnv(), ...options });
  if (ended.error !== undefined) fail(`${program} could not be started: ${ended.error.message}`);
  return ended.status ?? 128;
}

export function outputOf(program, args) {
  const ended = spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], env: toolEnv() });
  return ended.status === 0 ? ended.stdout.trim() : null;
}

const SKIPPED = new Set(["node_modules", "dist", ".git", ".tools", "fixtures"]);

export function filesBelow(folder, accepts) {
  const found = [];
  const visit = (path) => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) visit(child);
      } else if (entry.isFile() && accepts(child)) found.push(child);
    }
  };
  if (existsSync(join(root, folder))) visit(folder);
  return found.sort();
}

export function hashOf(files) {
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  return hash.digest("hex");
}

export function readStamp(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // never stamped
  }
}

/** If two `npm` commands run in one checkout, the second waits for the first one's installation or build. */
export function withLock(work) {
  mkdirSync(tools, { recursive: true });
  const path = join(tools, "lock");
  const end = Date.now() + 600_000;
  for (;;) {
    try {
      const file = openSync(path, "wx");
      writeFileSync(file, String(process.pid));
      closeSync(file);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (isStale(path)) rmSync(path, { force: true });
      else if (Date.now() > end) fail(`another command holds ${path}`, "Remove it if no such command is running.");
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
  try {
    return work();
  } finally {
    rmSync(path, { force: true });
  }
}

function isStale(path) {
  const pid = Number(readStamp(path) ?? "");
  if (!Number.isInteger(pid) || pid <= 0) return false; // It is being written right now, or gone.
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

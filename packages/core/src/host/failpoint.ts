import { appendFileSync, readFileSync } from "node:fs";

/**
 * Names a place where tests of recovery can make the process die as `kill -9` would. `AO_FAILPOINT=start.after-workspace` kills
 * it there. `AO_FAILPOINT_FILE` names a file for a daemon that is running already: while it is not empty, the names of the places
 * passed are added to `{file}.passed`, and the process dies at the place whose name is in it, or whose number, from 1. Without
 * these variables this does nothing.
 */
export function failpoint(name: string): void {
  const { AO_FAILPOINT: here, AO_FAILPOINT_FILE: file } = process.env;
  if (here !== name && (file === undefined || !isReached(file, name))) return;
  process.kill(process.pid, "SIGKILL");
  // The signal is delivered when this thread next enters the kernel: nothing after this line may run.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}

function isReached(file: string, name: string): boolean {
  const order = readFileSync(file, "utf8").trim();
  if (order === "") return false;
  appendFileSync(`${file}.passed`, `${name}\n`);
  return order === name || readFileSync(`${file}.passed`, "utf8").trim().split("\n").length === Number(order);
}

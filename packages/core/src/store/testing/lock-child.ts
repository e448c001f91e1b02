import { createInterface } from "node:readline";
import { type Lock, tryLock } from "../lock.ts";

/** Tries the lock at each path that it reads from stdin. "release" releases it. */
let held: Lock | null = null;
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "release") {
    held?.release();
    held = null;
    process.stdout.write("released\n");
  } else {
    held = tryLock(line);
    process.stdout.write(held === null ? "lost\n" : "won\n");
  }
}

import { execFileSync, spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { lockLimitOf, marked } from "./mark.ts";

test.runIf(process.platform === "linux")("a marked program has a lower limit, and so has all that it starts", () => {
  const limit = (argv: readonly string[]): number => {
    const [file = "", ...args] = argv;
    const text = execFileSync(file, args, { encoding: "utf8", env: { PATH: process.env.PATH ?? "" } });
    return Number(/^Max file locks\s+\S+\s+(\S+)/m.exec(text)?.[1]?.replace("unlimited", "Infinity"));
  };
  const shown = ["cat", "/proc/self/limits"];
  const own = lockLimitOf("self") ?? 0;
  expect(limit(shown)).toBe(own);
  const once = limit(marked(shown));
  expect(once).toBeLessThan(own);
  const breakOut =
    'env -i setsid -w sh -c "ulimit -x unlimited || ulimit -w unlimited; cat /proc/self/limits" 2>/dev/null';
  expect(limit(marked(["sh", "-c", breakOut]))).toBe(once);
});

test("a marked program keeps its arguments, its pid and its exit status", async () => {
  const [file, ...args] = marked(["sh", "-c", 'printf "%s %s" "$$" "$1"; exit 7', "name", "a 'b' \"c\" $d"]);
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill());
  let text = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  const status = await new Promise((resolve) => child.once("close", resolve));
  expect([text, status]).toEqual([`${child.pid} a 'b' "c" $d`, 7]);
});

test("the limit of a process that has ended is unknown", () => {
  expect(lockLimitOf(2 ** 22 + 1)).toBe(null);
});

import { execFileSync } from "node:child_process";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { bundleChild } from "./testing/child.ts";

/** Why a private mount is impossible here, or null. */
function whyNoMount(dir: string): string | null {
  try {
    execFileSync("unshare", ["-rm", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", dir], { stdio: "pipe" });
    return null;
  } catch (error) {
    return `a private tmpfs can't be mounted here: ${String(error).split("\n")[0]}`;
  }
}

const SIZES_KIB = [300, 301, 333, 400, 511, 777];

it("reports a full disk, loses and truncates nothing, and continues once there is room", {
  timeout: 120_000,
}, async ({ skip }) => {
  const dir = tempDir("ao-full");
  const why = whyNoMount(dir);
  if (why !== null) skip(why);
  const script = bundleChild("full-disk-child");
  const sum = { acked: 0, refused: 0 };
  for (const size of SIZES_KIB) {
    const mounted = 'mount -t tmpfs -o "size=$1" tmpfs "$2" && exec "$3" "$4" "$2" "$5"';
    const args = ["-rm", "sh", "-c", mounted, "sh", `${size}k`, dir, process.execPath, script, String(32 << 10)];
    const out = JSON.parse(execFileSync("unshare", args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }));
    const { acked, refused, ...rest } = out;
    sum.acked += acked;
    sum.refused += refused;
    const good = { foreign: 0, sawDegraded: true, resumed: true, lost: 0, badFiles: 0, leftOver: 0, alarms: [] };
    expect({ size, ...rest }).toEqual({ size, ...good });
    expect(refused).toBeGreaterThanOrEqual(5);
  }
  console.log(`${SIZES_KIB.length} full disks: ${sum.acked} acknowledged, ${sum.refused} refused, 0 lost, 0 truncated`);
});

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import type { Answer } from "./support/ao.ts";
import { AO, Sandbox } from "./support/sandbox.ts";
import { SmallDisk } from "./support/small-disk.ts";

let box: Sandbox;
let disk: SmallDisk | null = null;
afterEach(async () => {
  await ao("stop", "--sessions", "--yes").catch(() => undefined);
  await box.close();
  disk?.close();
});

const ao = async (...args: string[]): Promise<Answer> =>
  (disk as SmallDisk).run([process.execPath, AO, ...args], { cwd: box.repo.path, env: box.env, timeoutMs: 60_000 });

/** A session with an uncommitted file. Returns the path of that file from outside the disk. */
async function started(options: { size: string; project?: string }): Promise<string | { skip: string }> {
  box = new Sandbox({ agentArgs: ["--idle"] });
  const mounted = await SmallDisk.mount(join(box.home, options.project ?? "."), options.size);
  if (typeof mounted === "string") return { skip: mounted };
  disk = mounted;
  if (options.project !== undefined) {
    box.configure({ agentArgs: ["--idle"], project: `    worktreeDir: ${join(box.home, options.project)}` });
  }
  expect((await ao("trust", "--yes")).status).toBe(0);
  const spawned = await ao("spawn", "app", "1", "--json");
  expect(spawned.status, spawned.stderr).toBe(0);
  const { workspacePath } = JSON.parse(spawned.stdout).data[0] as { workspacePath: string };
  const work = join(disk.outside, workspacePath.slice(disk.dir.length), "work.txt");
  writeFileSync(work, "not committed\n");
  return work;
}

async function expectRefused(work: string, fill: () => void): Promise<void> {
  for (const flags of [["--rm"], ["--rm", "--drop-unreadable"]]) {
    const refused = await ao("kill", "app-1", ...flags, "--yes");
    expect({ status: refused.status, said: refused.stderr }).toMatchObject({ status: 73 });
    expect(refused.stderr).toMatch(/full|room/i);
    expect(refused.stderr).toMatch(/free some/i);
    expect(readFileSync(work, "utf8")).toBe("not committed\n");
    fill(); // including the space reserved for this moment
  }
}

async function expectRemoved(work: string): Promise<void> {
  await waitFor(async () => (await ao("kill", "app-1", "--rm", "--yes")).status === 0, { timeoutMs: 20_000 });
  expect(existsSync(work)).toBe(false);
  const restored = await ao("restore", "app-1");
  expect(restored.status, restored.stderr).toBe(0);
  expect(readFileSync(work, "utf8")).toBe("not committed\n");
}

it.for([
  { what: "a full disk", size: "160m", fill: () => disk?.fill() },
  { what: "a disk without free inodes", size: "160m,nr_inodes=1500", fill: () => disk?.fillInodes() },
  {
    what: "a full disk of the checkouts",
    size: "40m,nr_inodes=1500",
    project: "trees",
    fill: () => disk?.fillInodes(),
  },
])(
  "a removal on $what is refused with 73, says what to do, and removes nothing",
  async ({ fill, ...where }, { skip }) => {
    const work = await started(where);
    if (typeof work !== "string") return skip(work.skip);
    fill();
    await expectRefused(work, fill);
    disk?.empty();
    await expectRemoved(work);
  },
);

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { waitFor } from "../../wait-for.ts";
import { type Bench, bench, type WorkspaceContract } from "./bench.ts";
import { setAttribute } from "./states.ts";
import { lostOf, placesOf, REACHES, startWriter } from "./writers.ts";

const FILES = { "a.txt": "a\n", "src/b.txt": "b\n", ".gitignore": "target/\n" };

/** A program that has its working directory in a folder, as a shell or a server that the agent started. */
async function programIn(folder: string): Promise<ChildProcess> {
  const child = spawn("sh", ["-c", "echo; exec sleep 1000"], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout ?? child, "data");
  return child;
}

async function endOf(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** Keeps the work, removes the checkout, and returns what was said about it. */
async function removed({ workspace, project, home }: Bench, path: string): Promise<{ said: string; kept: string }> {
  const into = join(home, "preserved", "app-1");
  mkdirSync(dirname(into), { recursive: true });
  const kept = await workspace.preserve(path, project, { into });
  const said = [...(kept.notes ?? []), ...((await workspace.destroy(path, { preserved: into })) ?? [])];
  return { said: said.join("\n"), kept: into };
}

const restored = async ({ workspace, config }: Bench, path: string, kept: string): Promise<string> =>
  ((await workspace.restore({ ...config(), preserved: kept }, path)).notes ?? []).join("\n");

const leftAside = (path: string): string[] => {
  const folder = join(dirname(path), ".ao-removing");
  return existsSync(folder) ? readdirSync(folder) : [];
};

export function keepingTests(contract: WorkspaceContract): void {
  repositoryTests(contract);
  writerTests(contract);
  specialTests(contract);
  inUseTests(contract);
}

function repositoryTests(contract: WorkspaceContract): void {
  describe("repositories in a checkout are kept", () => {
    test("one that the agent put in the place of the checkout's, with commits that exist nowhere else", async () => {
      const place = bench(contract, { files: FILES });
      const { path } = await place.workspace.create(place.config());
      rmSync(join(path, ".git"), { recursive: true });
      place.gitIn(path, "init", "-q", "-b", "mine");
      writeFileSync(join(path, "own.txt"), "own\n");
      place.gitIn(path, "add", "-A");
      place.gitIn(path, "commit", "-q", "-m", "in its own repository");
      writeFileSync(join(path, "later.txt"), "later\n");
      const look = () => [place.gitIn(path, "log", "--format=%H %s"), place.gitIn(path, "status", "--porcelain")];
      const before = look();
      const { kept } = await removed(place, path);
      const said = await restored(place, path, kept);
      expect(look()).toEqual(before);
      expect(place.gitIn(path, "show", "HEAD:own.txt")).toBe("own\n");
      place.gitIn(path, "fsck", "--strict");
      if (contract.lacks.sharedRefs === undefined) expect(said).toContain("its own repository");
    });

    test.each(["target/nested", "target/a/b/nested", "target/nested.git"])(
      "one in an ignored folder, as %s",
      async (at) => {
        const place = bench(contract, { files: FILES });
        const { path } = await place.workspace.create(place.config());
        const nested = join(path, at);
        const isBare = at.endsWith(".git");
        mkdirSync(nested, { recursive: true });
        place.gitIn(nested, "init", "-q", ...(isBare ? ["--bare"] : []));
        const tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
        place.gitIn(nested, "hash-object", "-w", "-t", "tree", "/dev/null");
        const sha = place.gitIn(nested, "commit-tree", "-m", "only here", tree).trim();
        place.gitIn(nested, "update-ref", "HEAD", sha);
        if (!isBare) writeFileSync(join(nested, "uncommitted.txt"), "u");
        mkdirSync(join(path, "target/debug"));
        writeFileSync(join(path, "target/debug/out.o"), "made again");
        const { said, kept } = await removed(place, path);
        expect(said).toContain("Not kept: target");
        expect(await restored(place, path, kept)).toContain("Not kept: target");
        expect(place.gitIn(nested, "log", "--format=%H %s").trim()).toBe(`${sha} only here`);
        if (!isBare) expect(readFileSync(join(nested, "uncommitted.txt"), "utf8")).toBe("u");
        expect(existsSync(join(path, "target/debug"))).toBe(false);
      },
    );
  });
}

function writerTests(contract: WorkspaceContract): void {
  describe("what another program saves during a removal is kept", () => {
    test.each(REACHES)("by a program that reaches the checkout by %s", async (reach) => {
      const place = bench(contract, { files: FILES });
      const { path } = await place.workspace.create(place.config());
      for (let n = 0; n < 300; n += 1) writeFileSync(join(path, `file-${n}`), `${n}\n`.repeat(50));
      // A line in an open file is written much faster than a file is created.
      const times = reach === "descriptor" ? 200_000 : 5_000;
      const writer = await startWriter(reach, { checkout: path, ledger: join(place.home, "ledger"), times });
      const { kept } = await removed(place, path);
      await writer.end();
      await restored(place, path, kept);
      expect(lostOf(writer, placesOf({ checkout: path, kept }))).toEqual([]);
      for (let n = 0; n < 300; n += 1) expect(readFileSync(join(path, `file-${n}`), "utf8")).toBe(`${n}\n`.repeat(50));
    });

    test("between the copy and the removal: new, changed and deleted files, and a commit", async () => {
      const place = bench(contract, { files: FILES });
      const { workspace, project, home, gitIn } = place;
      const { path } = await workspace.create(place.config());
      writeFileSync(join(path, "gone.txt"), "g");
      const into = join(home, "kept");
      await workspace.preserve(path, project, { into });
      writeFileSync(join(path, "a.txt"), "saved after the copy\n");
      rmSync(join(path, "gone.txt"));
      writeFileSync(join(path, "src/c.txt"), "committed after the copy\n");
      gitIn(path, "add", "src/c.txt");
      gitIn(path, "commit", "-q", "-m", "late");
      const status = gitIn(path, "status", "--porcelain");
      await workspace.destroy(path, { preserved: into });
      await restored(place, path, into);
      expect(readFileSync(join(path, "a.txt"), "utf8")).toBe("saved after the copy\n");
      expect(gitIn(path, "log", "-1", "--format=%s").trim()).toBe("late");
      expect(gitIn(path, "status", "--porcelain")).toBe(status);
    });

    test("at the checkout's place when it is gone: a restore adds it, and names what the checkout has in another version", async () => {
      const place = bench(contract, { files: FILES });
      const { path } = await place.workspace.create(place.config());
      const { kept } = await removed(place, path);
      mkdirSync(join(path, "src"), { recursive: true });
      writeFileSync(join(path, "src/new.txt"), "new");
      writeFileSync(join(path, "src/b.txt"), "another b\n");
      const said = await restored(place, path, kept);
      expect(readFileSync(join(path, "src/new.txt"), "utf8")).toBe("new");
      expect(readFileSync(join(path, "src/b.txt"), "utf8")).toBe("b\n");
      expect(said).toMatch(/Saved too late, and not added to the checkout: src\/b\.txt in .*late-1/);
      expect(readFileSync(join(kept, "late-1/src/b.txt"), "utf8")).toBe("another b\n");
    });
  });
}

function specialTests(contract: WorkspaceContract): void {
  describe("files of other kinds", () => {
    test("that cannot be kept are named, by the removal and by the restore", async () => {
      const place = bench(contract, { files: FILES });
      const { path } = await place.workspace.create(place.config());
      execFileSync("mkfifo", [join(path, "events.fifo")]);
      const { said, kept } = await removed(place, path);
      expect(said).toContain("Not kept: events.fifo");
      expect(await restored(place, path, kept)).toContain("Not kept: events.fifo");
    });

    test("extended attributes come back, also those of unchanged files and of folders", async () => {
      const place = bench(contract, { files: FILES });
      const { path } = await place.workspace.create(place.config());
      writeFileSync(join(path, "new 'file'\n"), "new");
      setAttribute(path, "new 'file'\n", "of a new file");
      setAttribute(path, "a.txt", "of a tracked file");
      setAttribute(path, "src", "of a folder");
      const marks = () =>
        execFileSync("tar", ["-C", path, "--xattrs", "--exclude=.git", "--format=posix", "-cf", "-", "."], {
          encoding: "latin1",
        })
          .match(/user\.ao=.*/g)
          ?.sort();
      const before = marks();
      expect(before?.length).toBeGreaterThanOrEqual(3);
      const { kept } = await removed(place, path);
      await restored(place, path, kept);
      expect(marks()).toEqual(before);
      expect(place.gitIn(path, "status", "--porcelain", "a.txt")).toBe("");
    });

    test("sparse files take no more room in the kept work, and have the same bytes", async () => {
      const place = bench(contract, { files: FILES });
      const { path } = await place.workspace.create(place.config());
      const file = join(path, "disk.img");
      writeFileSync(file, "begin");
      truncateSync(file, 1024 ** 3);
      const { kept } = await removed(place, path);
      expect(statSync(join(kept, "files/disk.img")).blocks * 512).toBeLessThan(2 * 1024 * 1024);
      await restored(place, path, kept);
      expect(lstatSync(file).size).toBe(1024 ** 3);
    });
  });
}

function inUseTests(contract: WorkspaceContract): void {
  describe("a checkout that a program still uses", () => {
    test("is moved away but not deleted, and named with the program, until the program has ended", async () => {
      const place = bench(contract, { files: FILES });
      const { path } = await place.workspace.create(place.config());
      const program = await programIn(join(path, "src"));
      const { said, kept } = await removed(place, path);
      expect(existsSync(path)).toBe(false);
      expect(leftAside(path)).toEqual([`${basename(path)}.1`]);
      expect(said).toMatch(
        new RegExp(`Left aside: .*\\.ao-removing/app-1\\.1, because sleep \\(${program.pid}\\) still uses it`),
      );
      const aside = join(dirname(path), ".ao-removing", "app-1.1");
      writeFileSync(join(aside, "src/late.txt"), "saved in its working directory");
      await restored(place, path, kept);
      expect(readFileSync(join(path, "src/late.txt"), "utf8")).toBe("saved in its working directory");
      await endOf(program);
      const next = bench(contract, { repo: place.repo, home: place.home });
      await next.workspace.create(next.config({ sessionId: "app-2", branch: "feat/43" }));
      await waitFor(() => leftAside(path).length === 0, { what: "the deletion of what was left aside" });
      expect(readFileSync(join(path, "src/late.txt"), "utf8")).toBe("saved in its working directory");
    });

    test("may keep changing: what was saved last is kept when it ends", async () => {
      const place = bench(contract, { files: FILES });
      const { path } = await place.workspace.create(place.config());
      const program = await programIn(path);
      const { kept } = await removed(place, path);
      writeFileSync(join(dirname(path), ".ao-removing/app-1.1/last.txt"), "last");
      await endOf(program);
      const next = bench(contract, { repo: place.repo, home: place.home });
      await next.workspace.create(next.config({ sessionId: "app-2", branch: "feat/43" }));
      await waitFor(() => leftAside(path).length === 0, { what: "the deletion of what was left aside" });
      expect(readFileSync(join(kept, "files/last.txt"), "utf8")).toBe("last");
      await restored(next, path, kept);
      expect(readFileSync(join(path, "last.txt"), "utf8")).toBe("last");
    });
  });
}

import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { asNobody, canBeNobody, giveToNobody } from "../../as-nobody.ts";
import { repoAt } from "../../temp-repo.ts";
import { type Bench, bench, snapshot, type WorkspaceContract } from "./bench.ts";

/** Gives everything in the test's folders to the user `nobody`, whom the plugin then runs as. */
function asTheUser<T>({ repo, home }: Bench, work: () => Promise<T>): Promise<T> {
  // `git clone` starts its other end through `sh`, which gives up the borrowed user again: to root these folders are foreign.
  appendFileSync(join(dirname(repo.path), ".gitconfig"), "[safe]\n\tdirectory = *\n");
  giveToNobody(dirname(repo.path));
  giveToNobody(home);
  return asNobody(work);
}

/** A folder of another user, such as a container that ran as root leaves behind. */
function foreignFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "rows.db"), "rows");
  chmodSync(path, 0o700);
}

export function oddTreeTests(contract: WorkspaceContract): void {
  describe("the user's own tree", () => {
    const files = { ".gitignore": ".env\ntrees/\n.claude/\n", ".worktreeinclude": ".env\n" };

    test("is copied without the checkouts in it: neither those of `ao`, nor another tool's, nor a submodule's", async () => {
      const { workspace, config, repo } = bench(contract, { files });
      repo.write(".env", "A=1");
      repo.write("app/.env", "B=2");
      repo.git("worktree", "add", "-q", ".claude/worktrees/fix-1");
      repo.write(".claude/worktrees/fix-1/.env", "theirs");
      repoAt(join(repo.path, "vendor/lib"));
      repo.write("vendor/lib/.env", "a nested repository");
      for (const n of [1, 2, 3, 4, 5, 6]) {
        const path = join(repo.path, "trees", `app-${n}`);
        mkdirSync(dirname(path), { recursive: true });
        const info = await workspace.create(config({ sessionId: `app-${n}`, branch: `feat/${n}`, path }));
        const copied = Object.keys(snapshot(info.path, [".git"])).filter((name) => name.endsWith(".env"));
        expect(copied.sort()).toEqual([".env", "app/.env"]);
        expect(info.notes).toEqual([]);
      }
    });

    test("is copied without the folder of all checkouts, even while one in it is incomplete", async () => {
      const { workspace, config, repo, project } = bench(contract, { files });
      const worktreeDir = join(repo.path, "trees");
      repo.write(".env", "A=1");
      repo.write("trees/app-9/.env", "half-made");
      repo.write("trees/.ao-trash/app-8.1/.env", "removed");
      const path = join(worktreeDir, "app-1");
      const info = await workspace.create(config({ project: { ...project, worktreeDir }, path }));
      expect(Object.keys(snapshot(info.path, [".git"])).filter((name) => name.endsWith(".env"))).toEqual([".env"]);
    });

    test.skipIf(!canBeNobody())(
      "may contain unreadable files, which cause a note but do not prevent a start",
      async () => {
        const place = bench(contract, { files: { ".gitignore": "data/\n*.key\n" }, project: { copy: ["*.key"] } });
        const { workspace, config, repo } = place;
        repo.write("mine.key", "mine");
        repo.write("root.key", "root's");
        chmodSync(join(repo.path, "root.key"), 0o600);
        const info = await asTheUser(place, () => {
          process.seteuid?.(0);
          foreignFolder(join(repo.path, "data/pg"));
          execFileSync("chown", ["0:0", join(repo.path, "root.key")]);
          process.seteuid?.(65_534);
          return workspace.create(config());
        });
        expect(existsSync(join(info.path, "mine.key"))).toBe(true);
        expect(info.notes?.join("\n")).toMatch(/data\/pg.*could not be read/);
        expect(info.notes?.join("\n")).toMatch(/root\.key.*could not be read/);
      },
    );
  });

  describe.skipIf(!canBeNobody())("a checkout with unreadable files", () => {
    const closedTo = async (place: Bench) => {
      const info = await place.workspace.create(place.config());
      writeFileSync(join(info.path, "work.txt"), "w");
      mkdirSync(join(place.home, "preserved"));
      return info.path;
    };

    test("is kept whole if the user can change its permissions, which are kept too", async () => {
      const place = bench(contract);
      const { workspace, config, project, home } = place;
      const path = await closedTo(place);
      mkdirSync(join(path, "shut/deep"), { recursive: true });
      writeFileSync(join(path, "shut/deep/x.txt"), "x");
      writeFileSync(join(path, "secret.txt"), "s");
      chmodSync(join(path, "secret.txt"), 0);
      chmodSync(join(path, "shut/deep"), 0o200);
      chmodSync(join(path, "shut"), 0);
      const before = snapshot(path, [".git"]);
      await asTheUser(place, async () => {
        const kept = await workspace.preserve(path, project, { into: join(home, "preserved/app-1") });
        expect(lstatSync(join(path, "shut")).mode & 0o777, "as it was while it is only kept").toBe(0);
        await workspace.destroy(path);
        await workspace.restore({ ...config(), preserved: kept.path }, path);
      });
      expect(snapshot(path, [".git"])).toEqual(before);
    });

    test("is not removed automatically, and the error names what cannot be kept and what to do", async () => {
      const place = bench(contract);
      const { workspace, project, home } = place;
      const path = await closedTo(place);
      giveToNobody(path);
      const into = join(home, "preserved/app-1");
      await asTheUser(place, async () => {
        process.seteuid?.(0);
        foreignFolder(join(path, "data/pg"));
        process.seteuid?.(65_534);
        const refused = workspace.preserve(path, project, { into });
        await expect(refused).rejects.toMatchObject({
          code: "REFUSED",
          hint: expect.stringContaining("--drop-unreadable"),
        });
        await expect(refused).rejects.toThrow("data/pg");
        expect(existsSync(into)).toBe(false);
        const kept = await workspace.preserve(path, project, { into, dropUnreadable: true });
        expect(kept.unreadable).toEqual(["data/pg"]);
        await workspace.destroy(path);
      });
      expect(existsSync(path)).toBe(false);
      expect(readFileSync(join(into, "files/work.txt"), "utf8")).toBe("w");
    });
  });
}

import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tempDir } from "../../temp-dir.ts";
import { type Bench, bench, type WorkspaceContract } from "./bench.ts";

const HOOKS = [
  "post-checkout",
  "post-index-change",
  "reference-transaction",
  "pre-auto-gc",
  "post-merge",
  "pre-push",
  "update",
  "fsmonitor-watchman",
];

/** Every way for a repository to make git run a program. Each leaves a file of its name in `canaries`. */
function poison(canaries: string, git: (...args: string[]) => string, gitDir: string): void {
  const leave = (name: string) => `touch '${join(canaries, name)}';`;
  const settings: Record<string, string> = {
    "core.fsmonitor": leave("fsmonitor"),
    "core.sshCommand": leave("sshCommand"),
    "core.gitProxy": leave("gitProxy"),
    "core.pager": leave("pager"),
    "core.editor": leave("editor"),
    "core.askPass": leave("askPass"),
    "core.alternateRefsCommand": leave("alternateRefs"),
    "core.hooksPath": join(canaries, "../hooks"),
    "diff.external": leave("diffExternal"),
    "diff.evil.command": leave("diffCommand"),
    "diff.evil.textconv": `${leave("textconv")} cat`,
    "filter.evil.clean": `${leave("clean")} cat`,
    "filter.evil.smudge": `${leave("smudge")} cat`,
    "filter.talker.process": leave("process"),
    "filter.evil.required": "false",
    "filter.lfs.clean": `${leave("lfsClean")} cat`,
    "filter.lfs.smudge": `${leave("lfsSmudge")} cat`,
    "merge.evil.driver": leave("mergeDriver"),
    "credential.helper": `!${leave("credential")}`,
    "gpg.program": leave("gpg"),
    "commit.gpgSign": "true",
    "uploadpack.packObjectsHook": leave("packObjectsHook"),
    "remote.origin.uploadpack": leave("uploadpack"),
    "remote.origin.receivepack": leave("receivepack"),
    "sequence.editor": leave("sequenceEditor"),
    "submodule.sub.update": `!${leave("submoduleUpdate")}`,
    "protocol.allow": "always",
    "protocol.ext.allow": "always",
  };
  for (const name of ["status", "worktree", "read-tree", "diff", "fetch", "clone", "ls-files", "rev-list", "config"]) {
    settings[`alias.${name}`] = `!${leave(`alias-${name}`)}`;
  }
  for (const [key, value] of Object.entries(settings)) git("config", key, value);
  for (const dir of [join(canaries, "../hooks"), join(gitDir, "hooks")]) {
    mkdirSync(dir, { recursive: true });
    for (const hook of HOOKS) {
      writeFileSync(join(dir, hook), `#!/bin/sh\n${leave(`hook-${hook}`)}\n`);
      chmodSync(join(dir, hook), 0o755);
    }
  }
}

const ATTRIBUTES = "*.txt filter=evil diff=evil merge=evil\nb.txt filter=talker\n*.lfs filter=lfs\n";

interface Poisoned extends Bench {
  canaries(): string[];
  poisonAt(path: string): void;
  upstream: string;
}

function poisonedBench(contract: WorkspaceContract): Poisoned {
  const place = bench(contract, {
    files: { "a.txt": "a\n", "b.txt": "b\n", "x.lfs": "x\n", ".gitattributes": ATTRIBUTES },
  });
  const folder = join(tempDir("ao-canary"), "canaries");
  mkdirSync(folder);
  const upstream = tempDir("ao-upstream");
  place.repo.git("clone", "-q", "--bare", place.repo.path, join(upstream, "far.git"));
  place.repo.git("remote", "add", "origin", join(upstream, "far.git"));
  const poisonAt = (path: string) => {
    const gitDir = place.repo.git("-C", path, "rev-parse", "--absolute-git-dir").trim();
    poison(folder, (...args) => place.repo.git("-C", path, ...args), gitDir);
  };
  return { ...place, canaries: () => readdirSync(folder).sort(), poisonAt, upstream: join(upstream, "far.git") };
}

/** Every operation of the slot, each with files that git has to read. */
async function everything(place: Poisoned, path: string): Promise<void> {
  const { workspace, project, home } = place;
  for (const file of ["a.txt", "b.txt", "x.lfs"]) writeFileSync(join(path, file), "touched by the agent\n");
  writeFileSync(join(path, "new.txt"), "new\n");
  await workspace.inspect(path, project);
  await workspace.getDiff(path, project);
  await workspace.freeBranch("feat/42", project);
  await workspace.exists(path);
  await workspace.list(project.id);
  await workspace.publish(path, project);
  const kept = await workspace.preserve(path, project, { into: join(home, "kept") });
  await workspace.destroy(path);
  await workspace.restore({ ...place.config(), preserved: kept.path }, path);
  await workspace.inspect(path, project);
  await workspace.destroy(path);
}

export function hostileTests(contract: WorkspaceContract): void {
  describe("a hostile repository", () => {
    test("would run its programs with plain git, so the test can fail", async () => {
      const place = poisonedBench(contract);
      const info = await place.workspace.create(place.config());
      place.poisonAt(info.path);
      writeFileSync(join(info.path, "a.txt"), "touched\n");
      for (const words of [["status"], ["diff"], ["-c", "core.fsmonitor=false", "status"]]) {
        try {
          // A program that does not follow the protocol would end git before it gets to the others.
          place.gitIn(info.path, "-c", "filter.talker.process=", ...words);
        } catch {
          // The programs that it ran do not do what git asks of them.
        }
      }
      expect(place.canaries()).toEqual(
        expect.arrayContaining(["clean", "diffCommand", "fsmonitor", "hook-post-index-change"]),
      );
    });

    test("runs none of its own programs in any operation on a checkout", async () => {
      const place = poisonedBench(contract);
      const info = await place.workspace.create(place.config());
      place.poisonAt(info.path);
      await everything(place, info.path);
      expect(place.canaries()).toEqual([]);
    });

    test("runs nothing when the next session starts, and names the filters that it skipped", async () => {
      const place = poisonedBench(contract);
      place.poisonAt(place.repo.path);
      const info = await place.workspace.create(place.config());
      expect(place.canaries()).toEqual([]);
      expect(info.notes?.join()).toContain("evil");
      await everything(place, info.path);
      expect(place.canaries()).toEqual([]);
    });

    test.each([
      "ext::sh -c 'touch CANARY'",
      "--upload-pack=touch CANARY",
      "ssh://-oProxyCommand=touch CANARY/x",
      "git://far.invalid/x",
    ])("runs nothing for a remote at %j", async (address) => {
      const place = poisonedBench(contract);
      place.poisonAt(place.repo.path);
      const canary = join(tempDir(), "canary");
      place.repo.git("config", "remote.origin.url", address.replaceAll("CANARY", canary));
      const info = await place.workspace.create(place.config());
      expect(info.baseNote).toContain("origin");
      expect(existsSync(canary)).toBe(false);
      expect(place.canaries()).toEqual([]);
    });

    test("cannot redirect `ao` to another repository with a forged .git", async () => {
      const place = poisonedBench(contract);
      const info = await place.workspace.create(place.config());
      const evil = bench(contract, { files: { "a.txt": "evil\n", ".gitattributes": ATTRIBUTES } });
      place.poisonAt(evil.repo.path);
      rmSync(join(info.path, ".git"), { recursive: true });
      writeFileSync(join(info.path, ".git"), `gitdir: ${join(evil.repo.path, ".git")}\n`);
      const outcome = await place.workspace.inspect(info.path, place.project).catch((error: unknown) => error);
      const sha = evil.repo.git("rev-parse", "HEAD").trim();
      expect(JSON.stringify(outcome)).not.toContain(sha);
      await place.workspace.getDiff(info.path, place.project).catch(() => undefined);
      await place.workspace.destroy(info.path);
      expect(place.canaries()).toEqual([]);
      expect(existsSync(join(evil.repo.path, "a.txt"))).toBe(true);
    });

    test("cannot make `ao` wait with pipes and endless files in the places that it reads", async () => {
      const place = poisonedBench(contract);
      const info = await place.workspace.create(place.config());
      const gitDir = place.gitIn(info.path, "rev-parse", "--absolute-git-dir").trim();
      rmSync(join(gitDir, "HEAD"));
      symlinkSync("/dev/zero", join(gitDir, "HEAD"));
      const began = performance.now();
      await expect(place.workspace.inspect(info.path, place.project)).rejects.toThrow();
      expect(performance.now() - began).toBeLessThan(5_000);
      await place.workspace.destroy(info.path);
      expect(existsSync(info.path)).toBe(false);
    });
  });
}

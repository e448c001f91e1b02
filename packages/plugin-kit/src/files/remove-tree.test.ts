import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { guardFolder } from "@agent-orchestrator/core/host/guarded";
import { asNobody, canBeNobody, giveToNobody } from "@agent-orchestrator/testkit/as-nobody";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { describe, expect, it } from "vitest";
import { discard, removeTree, sweepTrash, trashEmptied } from "./remove-tree.ts";

/** A tree of the user's own, with a full folder of root's in its middle, as a container leaves it. */
function treeWithForeignFolder(): { dir: string; tree: string } {
  const dir = tempDir();
  const tree = join(dir, "tree");
  for (const name of ["a", "pg", "shut", "z"]) {
    mkdirSync(join(tree, name), { recursive: true });
    writeFileSync(join(tree, name, "file"), name);
  }
  chmodSync(join(tree, "shut"), 0o500);
  giveToNobody(dir);
  chownSync(join(tree, "pg"), 0, 0);
  return { dir, tree };
}

describe.skipIf(!canBeNobody())("a tree with a folder of another user in it", () => {
  it("is removed around it, and the error names it", async () => {
    const { tree } = treeWithForeignFolder();
    await expect(asNobody(() => removeTree(tree))).rejects.toThrow(/pg/);
    expect(readdirSync(tree)).toEqual(["pg"]);
  });

  it("is discarded at once: its place is free though a part of it stays in the trash", async () => {
    const { dir, tree } = treeWithForeignFolder();
    const warnings: string[] = [];
    const log = { debug: () => undefined, warn: (message: string) => void warnings.push(message) };
    await asNobody(async () => {
      await discard(tree, log);
      expect(existsSync(tree)).toBe(false);
      mkdirSync(tree);
      await trashEmptied();
    });
    expect(readdirSync(join(dir, ".ao-trash/tree.1"))).toEqual(["pg"]);
    expect(warnings).toHaveLength(1);
  });
});

/** A guarded folder, and a folder elsewhere with a file in it that must survive. */
function besideElsewhere(): { root: string; elsewhere: string } {
  const dir = tempDir();
  const [root, elsewhere] = [join(dir, "root"), join(dir, "elsewhere")];
  mkdirSync(root);
  mkdirSync(join(elsewhere, "precious"), { recursive: true });
  writeFileSync(join(elsewhere, "precious/file"), "");
  guardFolder(root);
  return { root, elsewhere };
}

const log = { debug: () => undefined, warn: () => undefined };
const linkRefused = (path: string) =>
  expect.objectContaining({ code: "REFUSED", message: expect.stringContaining(`${path} is a symbolic link`) });

describe("a link to somewhere else", () => {
  it("is removed itself, and nothing on its other side", async () => {
    const { root, elsewhere } = besideElsewhere();
    mkdirSync(join(root, "tree/deep"), { recursive: true });
    symlinkSync(elsewhere, join(root, "tree/deep/link"));
    await removeTree(join(root, "tree"));
    expect(readdirSync(root)).toEqual([]);
    expect(readdirSync(join(elsewhere, "precious"))).toEqual(["file"]);
    symlinkSync(elsewhere, join(root, "tree"));
    await removeTree(join(root, "tree"));
    await removeTree(join(root, "tree"));
    expect(readdirSync(root)).toEqual([]);
  });

  it("is refused in the place of the trash or of a folder above", async () => {
    const { root, elsewhere } = besideElsewhere();
    mkdirSync(join(root, "worktrees/app-1"), { recursive: true });
    const trash = join(root, "worktrees/.ao-trash");
    symlinkSync(elsewhere, trash);
    await expect(sweepTrash(join(root, "worktrees"), log)).rejects.toThrow(linkRefused(trash));
    await expect(discard(join(root, "worktrees/app-1"), log)).rejects.toThrow(linkRefused(trash));
    symlinkSync(elsewhere, join(root, "linked"));
    await expect(removeTree(join(root, "linked/precious"))).rejects.toThrow(linkRefused(join(root, "linked")));
    await expect(discard(join(root, "linked/precious"), log)).rejects.toThrow(linkRefused(join(root, "linked")));
    await trashEmptied();
    expect(readdirSync(join(root, "worktrees"))).toEqual([".ao-trash", "app-1"]);
    expect(readdirSync(elsewhere, { recursive: true }).sort()).toEqual(["precious", "precious/file"]);
  });

  it("does not lead a removal elsewhere that is put in the place of a folder meanwhile", async () => {
    const { root, elsewhere } = besideElsewhere();
    for (let round = 0; round < 6; round += 1) {
      const tree = join(root, "tree");
      for (let n = 0; n < 20; n += 1) {
        mkdirSync(join(tree, `${n}/precious`), { recursive: true });
        writeFileSync(join(tree, `${n}/precious/file`), "");
      }
      const removal = removeTree(tree).catch(() => undefined); // What was put there may make it fail.
      let isOver = false;
      void removal.then(() => {
        isOver = true;
      });
      for (let n = 19; !isOver; n = n === 0 ? 19 : n - 1) {
        swapForLink(join(tree, String(n)), elsewhere);
        await new Promise(setImmediate);
      }
      await removal;
      await removeTree(tree);
    }
    expect(readdirSync(elsewhere, { recursive: true }).sort()).toEqual(["precious", "precious/file"]);
  });
});

function swapForLink(path: string, target: string): void {
  try {
    renameSync(path, `${path}.moved`);
    symlinkSync(target, path);
  } catch {
    // It has been removed.
  }
}

it.skipIf(!canBeNobody())("removes what is closed to its owner, and names that are not UTF-8", async () => {
  const dir = tempDir();
  mkdirSync(join(dir, "tree/shut/deep"), { recursive: true });
  giveToNobody(dir);
  writeFileSync(Buffer.concat([Buffer.from(join(dir, "tree/shut/deep/")), Buffer.from([0xff, 0xfe])]), "");
  for (const name of ["tree/shut/deep", "tree/shut", "tree"]) chmodSync(join(dir, name), 0);
  await asNobody(() => removeTree(join(dir, "tree")));
  expect(existsSync(join(dir, "tree"))).toBe(false);
});

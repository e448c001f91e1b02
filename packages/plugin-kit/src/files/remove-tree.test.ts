import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asNobody, canBeNobody, giveToNobody } from "@agent-orchestrator/testkit/as-nobody";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { describe, expect, it } from "vitest";
import { discard, removeTree, trashEmptied } from "./remove-tree.ts";

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

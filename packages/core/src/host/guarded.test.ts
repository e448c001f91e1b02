import { mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { atomicReplace, ensureDir, isThere, listDir, readSmall, removeIfThere, syncDir } from "./files.ts";
import { realFs } from "./fs-port.ts";
import { guardFolder, holdFolder, holdParent, throughAsync } from "./guarded.ts";

/** A guarded folder with `real/deep/file`, and `linked`, which leads to a folder elsewhere that has the same in it. */
function guardedFolder() {
  const dir = tempDir();
  const root = join(dir, "root");
  const elsewhere = join(dir, "elsewhere");
  for (const folder of [join(root, "real"), elsewhere]) {
    mkdirSync(join(folder, "deep"), { recursive: true });
    writeFileSync(join(folder, "deep/file"), folder);
  }
  symlinkSync(elsewhere, join(root, "linked"));
  guardFolder(root);
  return { dir, root, elsewhere };
}

const refused = (path: string) =>
  expect.objectContaining({ code: "REFUSED", message: expect.stringContaining(path), hint: expect.any(String) });

it("works below a guarded folder as anywhere else", () => {
  const { root } = guardedFolder();
  const folder = join(root, "real/new/folder");
  ensureDir(folder);
  atomicReplace(join(folder, "a"), "text");
  expect(readSmall(join(folder, "a"))?.toString()).toBe("text");
  realFs.rename(join(folder, "a"), join(root, "real/b"));
  expect(listDir(folder)).toEqual([]);
  expect(isThere(join(root, "real/b"))).toBe(true);
  expect(removeIfThere(realFs, join(root, "real/b"))).toBe(true);
  expect(readSmall(join(root, "real/none/b"))).toBeNull();
  expect(listDir(join(root, "real/none"))).toBeNull();
  syncDir(realFs, root);
});

it("neither reads, writes, creates, moves nor removes anything through a link", () => {
  const { root, elsewhere } = guardedFolder();
  const linked = join(root, "linked");
  for (const inside of [linked, join(linked, "deep")]) {
    expect(() => atomicReplace(join(inside, "file"), "changed")).toThrow(refused(linked));
    expect(() => readSmall(join(inside, "file"))).toThrow(refused(linked));
    expect(() => ensureDir(join(inside, "new"))).toThrow(refused(linked));
    expect(() => ensureDir(inside)).toThrow(refused(linked));
    expect(() => listDir(inside)).toThrow(refused(linked));
    expect(() => realFs.rename(join(inside, "file"), join(root, "real/x"))).toThrow(refused(linked));
    expect(() => realFs.rename(join(root, "real/deep"), join(inside, "x"))).toThrow(refused(linked));
    expect(() => realFs.unlink(join(inside, "file"))).toThrow(refused(linked));
    expect(removeIfThere(realFs, join(inside, "file"))).toBe(false);
  }
  expect(readdirSync(elsewhere, { recursive: true }).sort()).toEqual(["deep", "deep/file"]);
  expect(readFileSync(join(elsewhere, "deep/file"), "utf8")).toBe(elsewhere);
  expect(readlinkSync(linked)).toBe(elsewhere);
});

it("may itself be reached through a link", () => {
  const { dir, root } = guardedFolder();
  const alias = join(dir, "alias");
  symlinkSync(root, alias);
  guardFolder(alias);
  atomicReplace(join(alias, "real/file"), "text");
  expect(readFileSync(join(root, "real/file"), "utf8")).toBe("text");
  expect(() => atomicReplace(join(alias, "linked/file"), "text")).toThrow(refused(join(alias, "linked")));
});

it.runIf(process.platform === "linux")(
  "stays in the folder that it holds when that is replaced by a link",
  async () => {
    const { root, elsewhere } = guardedFolder();
    const [parent, folder] = [holdParent(join(root, "real/deep/file")), holdFolder(join(root, "real/deep"))];
    renameSync(join(root, "real"), join(root, "moved"));
    symlinkSync(elsewhere, join(root, "real"));
    writeFileSync(parent?.path ?? "", "written");
    writeFileSync(join(folder?.path ?? "", "other"), "written");
    parent?.release();
    folder?.release();
    expect(readFileSync(join(root, "moved/deep/file"), "utf8")).toBe("written");
    expect(readdirSync(join(elsewhere, "deep"))).toEqual(["file"]);
    await expect(throughAsync(join(root, "real/deep/x"), async (path) => writeFileSync(path, ""))).rejects.toThrow(
      refused(join(root, "real")),
    );
  },
);

it("names the real path in the errors of the system", async () => {
  const { root } = guardedFolder();
  const missing = join(root, "real/none");
  expect(() => realFs.unlink(missing)).toThrow(expect.objectContaining({ code: "ENOENT", path: missing }));
  await expect(throughAsync(missing, async (path) => readFileSync(path))).rejects.toThrow(missing);
});

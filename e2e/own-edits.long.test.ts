import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

/** The contents of every file in the main checkout, except git's own and the issues (which `ao` closes). */
function bytes(dir = box.repo.path): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.name === ".git" || entry.name === ".ao") continue;
    if (entry.isDirectory()) Object.assign(found, bytes(path));
    else found[relative(box.repo.path, path)] = createHash("sha256").update(readFileSync(path)).digest("hex");
  }
  return found;
}

const picture = () => ({
  files: bytes(),
  staged: box.repo.git("diff", "--cached"),
  unstaged: box.repo.git("diff"),
  head: box.repo.git("rev-parse", "HEAD", "main"),
});

const user = (file: string, text: string) => writeFileSync(join(box.repo.path, file), text);

async function approved(session: string): Promise<void> {
  await box.get("wait", { session, until: ["review_pending", "mergeable"], timeoutMs: 30_000 });
  expect((await box.ao("review", session, "--approve")).status).toBe(0);
  await box.get("wait", { session, until: ["mergeable"], timeoutMs: 20_000 });
}

async function refused(session: string, file: string): Promise<void> {
  const before = picture();
  const answer = await box.ao("merge", session, "--yes");
  expect({ status: answer.status, said: answer.stderr }).toMatchObject({ status: 73 });
  expect(answer.stderr).toContain(file);
  expect(picture()).toEqual(before);
}

it("never touches the user's own edits in the main checkout: they survive a merge, or it is refused and names them", async () => {
  box = new Sandbox({
    agentArgs: ["--own-file"],
    files: { "shared.txt": "one\ntwo\n", "mine.txt": "mine\n", ".gitignore": "*.secret\n" },
    project: `    scm: { plugin: local, ci: [{ name: ok, run: "true" }] }`,
  });
  await box.ao("trust");
  await box.ao("spawn", "app", "1", "2", "3");
  const commit =
    "printf 'one\\ntwo\\nagent\\n' > shared.txt; echo k > key.secret; git add -f key.secret; git commit -qam agent";
  expect(await box.asAgent("app-1", commit)).toMatchObject({ status: 0 });
  await approved("app-1");

  user("shared.txt", "one\ntwo\nthe user's\n");
  await refused("app-1", "shared.txt");
  box.repo.git("add", "shared.txt");
  await refused("app-1", "shared.txt");
  box.repo.git("reset", "-q", "--hard");
  user("work-app-1.txt", "an untracked file of the user\n");
  await refused("app-1", "work-app-1.txt");
  rmSync(join(box.repo.path, "work-app-1.txt"));
  user("key.secret", "ignored, and the user's\n");
  await refused("app-1", "key.secret");
  rmSync(join(box.repo.path, "key.secret"));

  user("mine.txt", "mine\nedited\n");
  user("README.md", "# app\nstaged\n");
  box.repo.git("add", "README.md");
  user("README.md", "# app\nstaged\nand edited again\n");
  user("new.txt", "untracked\n");
  for (const [session, method] of [
    ["app-1", "merge"],
    ["app-2", "squash"],
    ["app-3", "rebase"],
  ] as const) {
    if (session !== "app-1") await approved(session);
    const before = picture();
    const answer = await box.ao("merge", session, "--yes", "--method", method);
    expect(answer.status, answer.stderr).toBe(0);
    const after = picture();
    expect(after.files).toMatchObject(
      before.files["shared.txt"] === after.files["shared.txt"]
        ? before.files
        : { ...before.files, "shared.txt": after.files["shared.txt"] },
    );
    expect(after.staged).toBe(before.staged);
    expect(after.unstaged.replace(/diff --git a\/\.ao[\s\S]*?(?=diff --git|$)/g, "")).toBe(
      before.unstaged.replace(/diff --git a\/\.ao[\s\S]*?(?=diff --git|$)/g, ""),
    );
    expect(after.files[`work-${session}.txt`]).toBeDefined();
    expect(after.head).not.toBe(before.head);
  }
});

it("does not move a base that is checked out while the user's own operation is in progress", async () => {
  box = new Sandbox({
    agentArgs: ["--own-file"],
    files: { "a.txt": "a\n" },
    project: `    scm: { plugin: local, ci: [] }`,
  });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  box.repo.git("checkout", "-q", "-b", "side");
  box.repo.commit("side", { "a.txt": "side\n" });
  box.repo.git("checkout", "-q", "main");
  box.repo.commit("main", { "a.txt": "main\n" });
  await approved("app-1");
  expect(() => box.repo.git("merge", "side")).toThrow();
  const before = { files: bytes(), head: box.repo.git("rev-parse", "HEAD") };
  const answer = await box.ao("merge", "app-1", "--yes");
  expect(answer.status, answer.stdout + answer.stderr).toBe(73);
  expect({ files: bytes(), head: box.repo.git("rev-parse", "HEAD") }).toEqual(before);
  expect(readFileSync(join(box.repo.path, ".git/MERGE_HEAD"), "utf8")).not.toBe("");
});

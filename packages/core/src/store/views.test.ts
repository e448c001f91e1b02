import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it } from "vitest";
import { type Fs, realFs } from "../host/fs-port.ts";
import { parseMetadata } from "./metadata.ts";
import type { Store } from "./store.ts";
import { changed, openReal, sampleSession, withSession } from "./testing/sample.ts";

function opened() {
  const home = tempDir("ao-views");
  const store = openReal(home);
  store.commit({ next: withSession(store.state, sampleSession("app-1")), events: [] });
  store.views.flush();
  const { sessions, archive } = store.layout.project("0123456789ab", "app");
  return { home, store, archive, sessions, file: join(sessions, "app-1") };
}

const update = (store: Store, more: Parameters<typeof changed>[2]) =>
  store.commit({ next: changed(store.state, "app-1", more), events: [] });

it("writes a file that a shell can read, with one line per key", () => {
  const { store, file } = opened();
  const launch = { handle: { id: "0123456789ab-app-1", runtimeName: "tmux", data: { pane: 1 } } } as never;
  update(store, {
    launch: { last: launch },
    extra: { reviewer: "ann", role: "lead", status: "faked", "bad key": "x" },
  });
  store.views.flush();
  const text = readFileSync(file, "utf8");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const lines = execFileSync("grep", ["-v", "^#", file], { encoding: "utf8" }).trimEnd().split("\n");
  expect(lines).toEqual([
    `rev=${store.state.seq}`,
    "project=app",
    "issue=42",
    "title=Fix \\n in the parser",
    "branch=feat/app-1",
    "worktree=/tree/app-1",
    "status=working",
    "agent=command",
    "workspace=worktree",
    "baseBranch=main",
    "runtime=tmux",
    'runtimeHandle={"id":"0123456789ab-app-1","runtimeName":"tmux","data":{"pane":1}}',
    "tmuxName=0123456789ab-app-1",
    "createdAt=2026-01-01T00:00:00.000Z",
    "role=lead",
    "reviewer=ann",
  ]);
  expect(parseMetadata(Buffer.from(text)).verdict).toBe("sealed");
  store.close();
});

it("writes soon after a commit, and not at all if only internal data changed", async () => {
  const { store, file } = opened();
  update(store, { status: "needs_input" });
  await waitFor(() => readFileSync(file, "utf8").includes("status=needs_input"));
  const { mtimeMs, ino } = statSync(file);
  update(store, { turns: 5 });
  store.views.flush();
  expect(statSync(file)).toMatchObject({ mtimeMs, ino });
  store.close();
});

it("sets an edit by hand aside, reports it and restores its own text", () => {
  const { store, file } = opened();
  const ours = readFileSync(file, "utf8");
  writeFileSync(file, ours.replace("status=working", "status=merged"));
  store.views.check();
  expect(readFileSync(file, "utf8")).toBe(ours);
  const [found] = store.problems;
  expect(found).toMatchObject({ kind: "metadata-edited", path: file, sessionId: "app-1" });
  expect(readFileSync(found?.keptAt ?? "", "utf8")).toContain("status=merged");
  rmSync(file);
  store.views.check();
  expect(readFileSync(file, "utf8")).toBe(ours);
  expect(store.problems).toHaveLength(1);
  store.close();
});

it("notices an edit made at the moment of its own write", () => {
  const home = tempDir("ao-views");
  let edit: ((path: string) => void) | null = null;
  const fs: Fs = {
    ...realFs,
    rename(from, to) {
      realFs.rename(from, to);
      if (to.endsWith("/sessions/app-1")) edit?.(to);
    },
  };
  const store = openReal(home, { fs });
  edit = (path) => {
    edit = null;
    writeFileSync(path, readFileSync(path, "utf8").replace("status=working", "status=merged"));
  };
  store.commit({ next: withSession(store.state, sampleSession("app-1")), events: [] });
  store.views.flush();
  const file = join(store.layout.project("0123456789ab", "app").sessions, "app-1");
  expect(readFileSync(file, "utf8")).toContain("status=merged");
  store.views.check();
  expect(readFileSync(file, "utf8")).toContain("status=working");
  expect(store.problems).toMatchObject([{ kind: "metadata-edited" }]);
  store.close();
});

it("finds at the start what was edited, damaged or replaced while the daemon was down", () => {
  const { home, store, file, sessions } = opened();
  let next = store.state;
  for (const number of [2, 3, 4]) next = withSession(next, sampleSession(`app-${number}`));
  store.commit({ next, events: [] });
  store.close();
  appendFileSync(file, "note=mine\n");
  writeFileSync(join(sessions, "app-2"), Buffer.alloc(300));
  rmSync(join(sessions, "app-3"));
  mkdirSync(join(sessions, "app-3"));
  rmSync(join(sessions, "app-4"));
  execFileSync("mkfifo", [join(sessions, "app-4")]);
  const again = openReal(home);
  const kinds = Object.fromEntries(again.problems.map(({ sessionId, kind }) => [sessionId, kind]));
  expect(kinds).toEqual({
    "app-1": "metadata-edited",
    "app-2": "metadata-damaged",
    "app-3": "metadata-damaged",
    "app-4": "metadata-damaged",
  });
  for (const number of [1, 2, 3, 4]) {
    const bytes = readFileSync(join(sessions, `app-${number}`));
    expect(parseMetadata(bytes).verdict).toBe("sealed");
  }
  again.close();
  const quiet = openReal(home);
  expect(quiet.problems).toEqual([]);
  quiet.close();
});

it("moves the file of an archived session into the archive, and back when it is restored", () => {
  const { store, file, archive } = opened();
  const ending = { status: "killed", by: "user", reason: "ao kill", at: "2026-02-03T04:05:06.789Z" } as const;
  update(store, { isArchived: true, ending, status: "killed" });
  store.views.flush();
  expect(existsSync(file)).toBe(false);
  expect(readdirSync(archive)).toEqual(["app-1_20260203T040506Z"]);
  update(store, { isArchived: false, ending: null, status: "queued" });
  store.views.flush();
  expect(readFileSync(file, "utf8")).toContain("status=queued");
  expect(readdirSync(archive)).toEqual([]);
  store.close();
});

it("recreates missing files, and removes what a killed writer left", () => {
  const { home, store, file, sessions } = opened();
  const ours = readFileSync(file, "utf8");
  store.close();
  rmSync(sessions, { recursive: true });
  mkdirSync(sessions);
  writeFileSync(join(sessions, ".tmp-1-1-app-1"), "half");
  const again = openReal(home);
  expect(readFileSync(file, "utf8").replace(/rev=\d+|#end.*/g, "")).toBe(ours.replace(/rev=\d+|#end.*/g, ""));
  expect(readdirSync(sessions)).toEqual(["app-1"]);
  again.close();
});

it("never writes through a link in a file's place", () => {
  const { home, store, file } = opened();
  const target = join(home, "precious");
  writeFileSync(target, "precious");
  rmSync(file);
  execFileSync("ln", ["-s", target, file]);
  update(store, { status: "needs_input" });
  store.views.flush();
  expect(readFileSync(target, "utf8")).toBe("precious");
  expect(readFileSync(file, "utf8")).toContain("status=needs_input");
  store.close();
});

import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { type Fs, realFs } from "../host/fs-port.ts";
import { prepareHome, resolveHome } from "./home.ts";
import { claimProject, instanceIdOf, layoutOf, projectLayout } from "./layout.ts";
import { ensureSocketDir, socketDirOf, socketPath } from "./sockets.ts";
import { openReal } from "./testing/sample.ts";

const refused = expect.objectContaining({ code: "REFUSED", hint: expect.any(String) });

it("uses AO_HOME, or a folder in the user's home", () => {
  expect(resolveHome({ HOME: "/home/ann" })).toBe("/home/ann/.agent-orchestrator");
  expect(resolveHome({ HOME: "/home/ann", AO_HOME: "" })).toBe("/home/ann/.agent-orchestrator");
  expect(resolveHome({ HOME: "/home/ann", AO_HOME: "~/state" })).toBe("/home/ann/state");
  expect(resolveHome({ AO_HOME: "/srv/ao/" })).toBe("/srv/ao");
});

it("creates a missing folder as private, and makes an existing one private", () => {
  const dir = tempDir();
  for (const name of ["new/deep", "old"]) {
    const home = join(dir, name);
    if (name === "old") mkdirSync(home, { mode: 0o755 });
    expect(prepareHome(realFs, home)).toEqual([]);
    expect(statSync(home).mode & 0o777).toBe(0o700);
  }
});

it("refuses a folder that is a link, a file, owned by another user, or open to others", () => {
  const dir = tempDir();
  symlinkSync(dir, join(dir, "link"));
  writeFileSync(join(dir, "file"), "");
  mkdirSync(join(dir, "open"));
  writeFileSync(join(dir, "open", "something"), "");
  chmodSync(join(dir, "open"), 0o770);
  for (const name of ["link", "file", "open"]) expect(() => prepareHome(realFs, join(dir, name))).toThrow(refused);
  expect(() => prepareHome(realFs, dir, 4711)).toThrow(refused);
  expect(statSync(join(dir, "open")).mode & 0o777).toBe(0o770);
});

it("only warns about a file system with weaker guarantees", () => {
  const nfs: Fs = { ...realFs, statfs: () => ({ freeBytes: 1 << 30, type: 0x6969 }) };
  expect(prepareHome(nfs, tempDir())).toEqual([expect.objectContaining({ kind: "file-system" })]);
});

it("keeps every file and folder private whatever the umask", () => {
  const before = process.umask(0);
  try {
    const home = join(tempDir(), "home");
    const store = openReal(home);
    store.close();
    for (const path of [home, store.layout.daemon, store.layout.events])
      expect(statSync(path).mode & 0o777).toBe(0o700);
    const files = [store.layout.lock, store.layout.format, store.layout.checkpoint, store.layout.reserve];
    for (const path of files) expect(statSync(path).mode & 0o777).toBe(0o600);
  } finally {
    process.umask(before);
  }
});

it("does not take a folder in the place of the reserve for a full disk", () => {
  const home = tempDir();
  openReal(home).close();
  const { reserve } = layoutOf(home);
  rmSync(reserve);
  mkdirSync(reserve);
  const store = openReal(home);
  expect([store.isDegraded, store.problems]).toEqual([false, []]);
  store.close();
  expect(statSync(reserve).isDirectory()).toBe(true);
});

it("names an instance after the real folder of its config, and refuses a folder that belongs to another config", () => {
  const dir = tempDir();
  const home = join(dir, "home");
  mkdirSync(join(dir, "repo"));
  symlinkSync(join(dir, "repo"), join(dir, "alias"));
  const configPath = join(dir, "repo", "agent-orchestrator.yaml");
  writeFileSync(configPath, "");
  const instanceId = instanceIdOf(configPath);
  expect(instanceId).toMatch(/^[0-9a-f]{12}$/);
  expect(instanceIdOf(join(dir, "alias", "agent-orchestrator.yaml"))).toBe(instanceId);
  const claim = { home, instanceId, projectId: "my-app", configPath };
  const layout = claimProject(claim);
  expect(layout.dir).toBe(join(home, `${instanceId}-my-app`));
  expect(readFileSync(layout.origin, "utf8")).toBe(`${configPath}\n`);
  expect(claimProject({ ...claim, configPath: join(dir, "alias", "agent-orchestrator.yaml") })).toBeDefined();
  const other = join(dir, "repo", "other.yaml");
  writeFileSync(other, "");
  expect(() => claimProject({ ...claim, configPath: other })).toThrow(expect.objectContaining({ code: "CONFIG" }));
  writeFileSync(layout.origin, `${join(dir, "gone.yaml")}\n`);
  claimProject({ ...claim, configPath: other });
  expect(readFileSync(layout.origin, "utf8")).toBe(`${other}\n`);
});

it("lets no id lead outside the folder", () => {
  for (const id of ["../x", "a/b", "", "1", ".", "a\0b", `${"x".repeat(41)}`, "a b"]) {
    expect(() => projectLayout("/home", "0123456789ab", id)).toThrow();
  }
  const layout = projectLayout("/home", "0123456789ab", "app");
  for (const id of ["../app-1", "app-1/..", "app", "app-0", "APP 1"]) expect(() => layout.metadata(id)).toThrow();
});

it("puts sockets next to the state, or into a private folder elsewhere if that path is too long", async () => {
  const runtime = tempDir("r");
  const short = tempDir("h");
  expect(socketDirOf({ home: short, env: {} })).toBe(join(short, "daemon"));
  const home = join(tempDir(), "x".repeat(90));
  const query = { home, env: { XDG_RUNTIME_DIR: runtime } };
  const dir = ensureSocketDir(query);
  expect(dir).toMatch(new RegExp(`^${runtime}/ao-\\d+-[0-9a-f]{12}$`));
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(ensureSocketDir(query)).toBe(dir);
  const path = socketPath(dir, "daemon.sock");
  const server = createServer().listen(path);
  await new Promise((resolve) => server.once("listening", resolve));
  expect(statSync(path).isSocket()).toBe(true);
  await new Promise((resolve) => server.close(resolve));
  chmodSync(dir, 0o755);
  expect(() => ensureSocketDir(query)).toThrow(refused);
  expect(() => socketPath(home, "daemon.sock")).toThrow(expect.objectContaining({ code: "CONFIG" }));
});

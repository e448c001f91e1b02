import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { atomicReplace, ensureDir, readSmall, readText } from "./files.ts";
import { type Fs, realFs } from "./fs-port.ts";

const refused = expect.objectContaining({ code: "REFUSED" });

it("replaces a file, private by default, and leaves nothing else behind", () => {
  const dir = tempDir();
  atomicReplace(join(dir, "a"), "one");
  atomicReplace(join(dir, "a"), Buffer.from("two ü"));
  expect(readFileSync(join(dir, "a"), "utf8")).toBe("two ü");
  expect(statSync(join(dir, "a")).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir)).toEqual(["a"]);
});

it("makes its system calls in an order that survives a power cut", () => {
  const calls: string[] = [];
  const traced = Object.fromEntries(
    Object.entries(realFs).map(([name, call]) => [
      name,
      (...args: unknown[]) => {
        calls.push(name);
        return (call as (...some: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Fs;
  atomicReplace(join(tempDir(), "a"), "text", { fs: traced });
  expect(calls).toEqual(["open", "write", "fsync", "fstat", "close", "rename", "open", "fsync", "close"]);
});

it("keeps the old file and throws when the disk is full", () => {
  const dir = tempDir();
  const path = join(dir, "a");
  atomicReplace(path, "old");
  const full: Fs = {
    ...realFs,
    write: (fd, bytes) => {
      if (bytes.length > 4) return realFs.write(fd, bytes.subarray(0, 4));
      throw Object.assign(new Error("full"), { code: "ENOSPC" });
    },
  };
  expect(() => atomicReplace(path, "something longer", { fs: full })).toThrow(
    expect.objectContaining({ code: "NO_SPACE" }),
  );
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(readdirSync(dir)).toEqual(["a"]);
});

it("returns null only for a missing file", () => {
  const dir = tempDir();
  expect(readSmall(join(dir, "missing"))).toBeNull();
  const noDescriptors: Fs = {
    ...realFs,
    open: () => {
      throw Object.assign(new Error("too many"), { code: "EMFILE" });
    },
  };
  expect(() => readSmall(join(dir, "missing"), { fs: noDescriptors })).toThrow(
    expect.objectContaining({ code: "FAILED" }),
  );
});

it("refuses links, pipes, folders, files that are too large and files that are not text", () => {
  const dir = tempDir();
  writeFileSync(join(dir, "file"), "x".repeat(1000));
  symlinkSync(join(dir, "file"), join(dir, "link"));
  execFileSync("mkfifo", [join(dir, "pipe")]);
  writeFileSync(join(dir, "latin"), Buffer.from([0xe9]));
  expect(readSmall(join(dir, "file"))?.length).toBe(1000);
  expect(readText(join(dir, "file"))).toHaveLength(1000);
  for (const name of ["link", "pipe", "."]) expect(() => readSmall(join(dir, name))).toThrow(refused);
  expect(() => readSmall("/dev/zero")).toThrow(refused);
  expect(() => readSmall(join(dir, "file"), { maxBytes: 999 })).toThrow(refused);
  expect(() => readText(join(dir, "latin"))).toThrow(refused);
});

it("makes folders and their parents private, and leaves existing ones unchanged", () => {
  const dir = tempDir();
  mkdirSync(join(dir, "old"));
  chmodSync(join(dir, "old"), 0o755);
  ensureDir(join(dir, "old", "a", "b"));
  ensureDir(join(dir, "old", "a", "b"));
  expect(statSync(join(dir, "old", "a")).mode & 0o777).toBe(0o700);
  expect(statSync(join(dir, "old")).mode & 0o777).toBe(0o755);
  writeFileSync(join(dir, "file"), "");
  expect(() => ensureDir(join(dir, "file"))).toThrow(refused);
});

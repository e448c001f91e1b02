import { basename, dirname } from "node:path";
import type { FileStat, Fs } from "../../host/fs-port.ts";
import { OPEN } from "../../host/fs-port.ts";

/** A file or folder with what programs see now and what a power cut would leave. */
export interface Node {
  ino: number;
  isDir: boolean;
  mode: number;
  changedAt: number;
  bytes: Buffer;
  synced: Buffer;
  names: Map<string, Node>;
  /** Changes of names since the folder was synced; one step may be two changes (a rename). */
  unsynced: [string, Node | null][][];
  syncedNames: Map<string, Node>;
}

export interface MemFs extends Fs {
  root: Node;
  /** System calls so far. */
  calls: number;
  /** Called before each system call takes effect. */
  onCall: ((name: string, path: string) => void) | null;
}

let inodes = 0;

export function newNode(isDir: boolean, mode: number): Node {
  inodes += 1;
  const names = { names: new Map(), unsynced: [], syncedNames: new Map() };
  return { ino: inodes, isDir, mode, changedAt: inodes, bytes: Buffer.alloc(0), synced: Buffer.alloc(0), ...names };
}

export function errno(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

interface OpenFile {
  node: Node;
  path: string;
  isAppend: boolean;
  at: number;
}

interface Disk {
  root: Node;
  open: Map<number, OpenFile>;
  call(name: string, path: string): void;
}

/** A file system in memory that guarantees no more than POSIX: nothing is durable before its own sync. */
export function memFs(root: Node = newNode(true, 0o700)): MemFs {
  const fs = { root, calls: 0, onCall: null } as unknown as MemFs;
  const disk: Disk = {
    root,
    open: new Map(),
    call(name, path) {
      fs.calls += 1;
      fs.onCall?.(name, path);
    },
  };
  return Object.assign(fs, fileCalls(disk), nameCalls(disk));
}

function fileCalls({ open, call }: Disk) {
  const at = (name: string, fd: number): OpenFile => {
    const found = open.get(fd);
    if (found === undefined) throw errno("EBADF", String(fd));
    call(name, found.path);
    return found;
  };
  return {
    close(fd: number) {
      at("close", fd);
      open.delete(fd);
    },
    read(fd: number, into: Uint8Array, position: number) {
      return at("read", fd).node.bytes.copy(into, 0, position, position + into.length);
    },
    write(fd: number, bytes: Uint8Array) {
      const file = at("write", fd);
      const start = file.isAppend ? file.node.bytes.length : file.at;
      const before = file.node.bytes.subarray(0, start);
      file.node.bytes = Buffer.concat([before, bytes, file.node.bytes.subarray(start + bytes.length)]);
      file.at = start + bytes.length;
      touch(file.node);
      return bytes.length;
    },
    fsync: (fd: number) => sync(at("fsync", fd).node),
    fdatasync: (fd: number) => sync(at("fdatasync", fd).node),
    fstat: (fd: number) => stat(at("fstat", fd).node),
    ftruncate(fd: number, length: number) {
      const { node } = at("ftruncate", fd);
      node.bytes = Buffer.concat([node.bytes.subarray(0, length)], length);
      touch(node);
    },
  };
}

function nameCalls({ root, open, call }: Disk) {
  const must = (path: string): Node => {
    const node = find(root, path);
    if (node === null) throw errno("ENOENT", path);
    return node;
  };
  const link = (...changes: { path: string; node: Node | null }[]): void => {
    const dir = must(dirname(changes[0]?.path ?? "/"));
    for (const { path, node } of changes) setName(dir.names, basename(path), node);
    dir.unsynced.push(changes.map(({ path, node }) => [basename(path), node]));
  };
  let nextFd = 100;
  return {
    open(path: string, flags: number, mode = 0o600) {
      call("open", path);
      let node = find(root, path);
      if (node !== null && flags === OPEN.createNew) throw errno("EEXIST", path);
      if (node === null && (flags === OPEN.read || flags === OPEN.dir)) throw errno("ENOENT", path);
      if (node === null) {
        node = newNode(false, mode);
        link({ path, node });
      }
      nextFd += 1;
      open.set(nextFd, { node, path, isAppend: flags === OPEN.append, at: 0 });
      return nextFd;
    },
    rename(from: string, to: string) {
      call("rename", to);
      link({ path: from, node: null }, { path: to, node: must(from) });
    },
    unlink(path: string) {
      call("unlink", path);
      must(path);
      link({ path, node: null });
    },
    mkdir(path: string, mode: number) {
      call("mkdir", path);
      if (find(root, path) !== null) throw errno("EEXIST", path);
      link({ path, node: newNode(true, mode) });
    },
    chmod(path: string, mode: number) {
      call("chmod", path);
      must(path).mode = mode;
    },
    readdir(path: string) {
      call("readdir", path);
      return [...must(path).names.keys()];
    },
    lstat(path: string) {
      call("lstat", path);
      return stat(must(path));
    },
    statfs() {
      call("statfs", "/");
      return { freeBytes: 1 << 30, type: 0xef53 };
    },
  };
}

function find(root: Node, path: string): Node | null {
  let node: Node | null = root;
  for (const part of path.split("/").filter((name) => name !== "")) node = node?.names.get(part) ?? null;
  return node;
}

function stat(node: Node): FileStat {
  return {
    size: node.bytes.length,
    mode: node.mode,
    uid: process.getuid?.() ?? 0,
    mtimeMs: node.changedAt,
    ino: node.ino,
    isFile: () => !node.isDir,
    isDirectory: () => node.isDir,
    isSymbolicLink: () => false,
  };
}

export function setName(names: Map<string, Node>, name: string, node: Node | null): void {
  if (node === null) names.delete(name);
  else names.set(name, node);
}

function touch(node: Node): void {
  inodes += 1;
  node.changedAt = inodes;
}

function sync(node: Node): void {
  node.synced = node.bytes;
  node.syncedNames = new Map(node.names);
  node.unsynced = [];
}

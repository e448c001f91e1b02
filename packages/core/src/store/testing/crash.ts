import { crcHex } from "../crc.ts";
import { type MemFs, memFs, type Node, newNode, setName } from "./mem-fs.ts";

type NamesOf = (dir: Node) => Map<string, Node>;
type BytesOf = (file: Node) => Buffer;

/** What an unsynced file may hold after a power cut. */
const CONTENTS: Record<string, BytesOf> = {
  synced: (file) => file.synced,
  written: (file) => file.bytes,
  /** The first half of what was added arrived. */
  half: (file) => file.bytes.subarray(0, Math.ceil((grownFrom(file) + file.bytes.length) / 2)),
  /** The length arrived, but not the new bytes. */
  zeroed: (file) =>
    Buffer.concat([file.bytes.subarray(0, grownFrom(file)), Buffer.alloc(file.bytes.length - grownFrom(file))]),
};

/** Where the uncertain part begins. A file that was only cut is either short or not, with nothing in between. */
function grownFrom(file: Node): number {
  if (file.synced.subarray(0, file.bytes.length).equals(file.bytes)) return file.bytes.length;
  const isAppended = file.bytes.subarray(0, file.synced.length).equals(file.synced);
  return isAppended ? file.synced.length : 0;
}

/**
 * Every state that a power cut at this moment may leave: unsynced names arrived up to any step, or only one of them;
 * unsynced bytes arrived, not, half, or as zeros.
 */
export function* crashStates(fs: MemFs): Generator<MemFs> {
  const seen = new Set<string>();
  for (const names of nameChoices(fs.root)) {
    for (const bytes of Object.values(CONTENTS)) {
      const state = memFs(copy(fs.root, names, bytes));
      const key = digest(state.root);
      if (seen.has(key)) continue;
      seen.add(key);
      yield state;
    }
  }
}

function* nameChoices(root: Node): Generator<NamesOf> {
  yield (dir) => dir.syncedNames;
  yield (dir) => dir.names;
  for (const changed of dirsWithin(root)) {
    const steps = changed.unsynced;
    for (let count = 1; count < steps.length; count++) {
      yield (dir) => (dir === changed ? apply(dir, steps.slice(0, count)) : dir.names);
    }
    for (const only of steps) yield (dir) => (dir === changed ? apply(dir, [only]) : dir.syncedNames);
    for (const only of steps) yield (dir) => (dir === changed ? apply(dir, [only]) : dir.names);
  }
}

function apply(dir: Node, steps: Node["unsynced"]): Map<string, Node> {
  const names = new Map(dir.syncedNames);
  for (const step of steps) for (const [name, node] of step) setName(names, name, node);
  return names;
}

function dirsWithin(node: Node, found: Node[] = []): Node[] {
  if (!node.isDir) return found;
  if (node.unsynced.length > 0) found.push(node);
  for (const child of new Set([...node.names.values(), ...node.syncedNames.values()])) dirsWithin(child, found);
  return found;
}

/** The tree as the disk would show it after the power cut. Everything in it is durable. */
function copy(node: Node, names: NamesOf, bytes: BytesOf): Node {
  const made = newNode(node.isDir, node.mode);
  made.bytes = Buffer.from(bytes(node));
  made.synced = made.bytes;
  if (node.isDir) for (const [name, child] of names(node)) made.names.set(name, copy(child, names, bytes));
  made.syncedNames = new Map(made.names);
  return made;
}

export function digest(node: Node): string {
  if (!node.isDir) return `${node.bytes.length}:${crcHex(node.bytes)}`;
  const entries = [...node.names].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, child]) => `${name}=${digest(child)}`).join(",")}}`;
}

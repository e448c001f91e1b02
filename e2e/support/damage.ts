import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";

/** What may happen to a file or folder behind a program's back. */
export const DAMAGES = ["missing", "empty", "garbage", "bit flip", "no permission", "other kind", "link"] as const;
export type Damage = (typeof DAMAGES)[number];

const GARBAGE = Buffer.from(Array.from({ length: 300 }, (_, at) => (at * 131 + 7) % 256));

/** Does it to what is at `path`. Where it moves something away, that is in the folder `elsewhere` afterwards. */
export function damage(path: string, kind: Damage, elsewhere: string): void {
  const isFolder = lstatSync(path).isDirectory();
  const away = join(elsewhere, basename(path));
  switch (kind) {
    case "missing":
      rmSync(path, { recursive: true });
      break;
    case "empty":
      if (isFolder) for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true });
      else truncateSync(path);
      break;
    case "garbage":
      writeFileSync(isFolder ? join(path, "garbage") : path, GARBAGE);
      break;
    case "bit flip":
      if (!isFolder) flipBit(path);
      break;
    case "no permission":
      chmodSync(path, 0);
      break;
    case "other kind":
      renameSync(path, away);
      if (isFolder) writeFileSync(path, GARBAGE);
      else mkdirSync(join(path, "something"), { recursive: true });
      break;
    case "link":
      renameSync(path, away);
      symlinkSync(away, path);
  }
}

function flipBit(path: string): void {
  const bytes = readFileSync(path);
  const at = bytes.length >> 1;
  if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ 4;
  writeFileSync(path, bytes);
}

/** Names and contents of everything below a folder. */
export function contentsOf(folder: string): Record<string, string> {
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => {
    const path = join(folder, name);
    const stat = lstatSync(path);
    return [name, stat.isFile() ? readFileSync(path, "base64") : stat.isDirectory() ? "folder" : "other"];
  });
  return Object.fromEntries(found);
}

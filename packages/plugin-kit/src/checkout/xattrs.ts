import { isAoError } from "@agent-orchestrator/core/model/errors";
import { exec } from "../exec.ts";
import { gitEnv } from "../git/run.ts";
import type { CheckoutHost } from "./host.ts";

/** Many files in one call, and on a slow disk. */
const DEADLINE_MS = 10 * 60_000;
/** GNU tar is the one program that nearly every Linux has and that reads them. Node cannot. */
const FLAGS = ["--xattrs", "--xattrs-include=user.*", "--acls", "--no-recursion", "--null", "--numeric-owner"];

/**
 * Those of `paths` (of files and folders, one character per byte) that have extended attributes of the user's or an access list.
 * tar prints a mark for each. It reads no file, because its output is /dev/null. Null: there is no tar that can tell.
 */
export async function withXattrs(host: CheckoutHost, root: string, paths: readonly string[]): Promise<string[] | null> {
  if (paths.length === 0 || process.platform !== "linux") return [];
  const args = ["-cvvf", "/dev/null", "--quoting-style=escape", "--hard-dereference", ...FLAGS, "-T", "-"];
  const stdout = await runTar(host, { root, args, paths });
  if (stdout === null) return null;
  return stdout.split("\n").flatMap((line) => {
    const match = /^[-d]\S{9}([*+]) ?\S+\s+\d+ \S+ \S+ \.\/(.+?)\/?$/.exec(line);
    return match?.[2] === undefined ? [] : [unescaped(match[2])];
  });
}

/** Saves these files and folders with their attributes in an archive. */
export async function saveXattrs(
  host: CheckoutHost,
  { root, paths, archive }: { root: string; paths: readonly string[]; archive: string },
): Promise<void> {
  const args = ["-cf", "-", "--format=posix", "--sparse", "--hard-dereference", ...FLAGS, "-T", "-"];
  await runTar(host, { root, args, paths, outputFile: archive });
}

/** Gives them back. `paths`: what was restored by now, so that nothing else in the archive is written. */
export async function restoreXattrs(
  host: CheckoutHost,
  { root, paths, archive }: { root: string; paths: readonly string[]; archive: string },
): Promise<void> {
  if (paths.length === 0) return;
  const args = ["-xpf", archive, ...FLAGS, "-T", "-"];
  await runTar(host, { root, args, paths });
}

interface Run {
  root: string;
  args: string[];
  paths: readonly string[];
  outputFile?: string;
}

/** Null if this tar does not know the options, or is missing. Other complaints are about files that are gone by now. */
async function runTar(host: CheckoutHost, { root, args, paths, outputFile }: Run): Promise<string | null> {
  const input = Buffer.from(paths.map((path) => `./${path}\0`).join(""), "latin1");
  try {
    const { stdout, exitCode } = await exec("tar", [...args, "--warning=none"], {
      cwd: root,
      env: { ...gitEnv(host.env()), LC_ALL: "C" },
      input,
      encoding: "latin1",
      timeoutMs: DEADLINE_MS,
      maxBytes: 1024 * 1024 * 1024,
      okExits: [0, 1, 2],
      ...(outputFile === undefined ? {} : { outputFile }),
      title: "tar",
    });
    // A list of files is never empty.
    return exitCode !== 0 && stdout === "" && outputFile === undefined ? null : stdout;
  } catch (error) {
    if (isAoError(error) && (error.code === "UNAVAILABLE" || error.code === "FAILED")) return null;
    throw error;
  }
}

const SIGNS: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };

const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3}|.)/gs, (_, sign: string) =>
    sign.length === 3 ? String.fromCharCode(Number.parseInt(sign, 8)) : (SIGNS[sign] ?? sign),
  );

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../../wait-for.ts";

/** How a program reaches the checkout that it saves to. */
export type Reach = "path" | "new folders" | "cwd" | "descriptor" | "same file";

/** `$1`: the checkout. `$2`: where it writes down what it has saved. `$3`: how often it saves. */
const SCRIPTS: Readonly<Record<Reach, string>> = {
  path: 'n=0; while [ $n -lt $3 ]; do n=$((n+1)); { echo "saved $n" > "$1/path-$$-$n"; } 2>/dev/null && echo "path-$$-$n $n" >> "$2"; done',
  "new folders":
    'n=0; while [ $n -lt $3 ]; do n=$((n+1)); mkdir -p "$1/made" 2>/dev/null && { echo "saved $n" > "$1/made/new-$$-$n"; } 2>/dev/null && echo "made/new-$$-$n $n" >> "$2"; done',
  cwd: 'cd "$1"; n=0; while [ $n -lt $3 ]; do n=$((n+1)); { echo "saved $n" > "cwd-$$-$n"; } 2>/dev/null && echo "cwd-$$-$n $n" >> "$2"; done',
  descriptor:
    'exec 3>> "$1/appended-$$"; n=0; while [ $n -lt $3 ]; do n=$((n+1)); echo "saved $n" >&3 && echo "appended-$$ $n" >> "$2"; done',
  "same file":
    'n=0; while [ $n -lt $3 ]; do n=$((n+1)); { echo "saved $n" > "$1/.same-$$.new" && mv "$1/.same-$$.new" "$1/same-$$"; } 2>/dev/null && echo "same-$$ $n" >> "$2"; done',
};

export const REACHES = Object.keys(SCRIPTS) as Reach[];

export interface Writer {
  reach: Reach;
  /** Ends it, if it has not ended by itself. */
  end(): Promise<void>;
  /** What it knows that it has saved: a file of the checkout, and the number that was written to it. */
  saved(): { file: string; n: number }[];
}

/** Starts a program that saves to a checkout as fast as it can, `times` times, and waits until it has saved something. */
export async function startWriter(
  reach: Reach,
  { checkout, ledger, times }: { checkout: string; ledger: string; times: number },
): Promise<Writer> {
  const child = spawn("sh", ["-c", SCRIPTS[reach], "sh", checkout, ledger, String(times)], {
    cwd: "/",
    stdio: "ignore",
    detached: true,
  });
  await waitFor(() => existsSync(ledger) || child.exitCode !== null, { what: `the writer (${reach})` });
  return { reach, end: () => ended(child), saved: () => readLedger(ledger) };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  // With what it has just started.
  process.kill(-(child.pid ?? 0), "SIGKILL");
  await exited;
}

/** The last line may be cut off if the program was killed. */
function readLedger(ledger: string): { file: string; n: number }[] {
  const lines = existsSync(ledger) ? readFileSync(ledger, "utf8").split("\n").slice(0, -1) : [];
  return lines.map((line) => ({ file: line.split(" ")[0] ?? "", n: Number(line.split(" ")[1]) }));
}

/** What a writer saved and none of the places has. A file that was saved again counts with its last number. */
export function lostOf(writer: Writer, places: readonly string[]): string[] {
  const last = new Map<string, number>();
  const all = writer.saved();
  for (const { file, n } of all) last.set(file, n);
  const isAppended = writer.reach === "descriptor";
  const wanted = isAppended ? all : [...last].map(([file, n]) => ({ file, n }));
  const texts = new Map<string, Set<string>>();
  for (const file of last.keys()) texts.set(file, new Set(places.flatMap((place) => linesOf(join(place, file)))));
  const isThere = ({ file, n }: { file: string; n: number }) => {
    const lines = texts.get(file) ?? new Set();
    // It may have been killed between a save and the note of it.
    return lines.has(`saved ${n}`) || (!isAppended && lines.has(`saved ${n + 1}`));
  };
  return wanted.filter((one) => !isThere(one)).map(({ file, n }) => `${writer.reach}: ${file} ${n}`);
}

const linesOf = (path: string): string[] =>
  lstatSync(path, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(path, "utf8").split("\n") : [];

/** All folders in which a removed checkout's files may be, according to the plugin: restored, kept late, and left aside. */
export function placesOf({ checkout, kept }: { checkout: string; kept: string }): string[] {
  const names = existsSync(kept) ? readdirSync(kept).filter((name) => name.startsWith("late-")) : [];
  return [checkout, ...names.map((name) => join(kept, name))];
}

import { runChild } from "./child.ts";
import { coloursFor } from "./colour.ts";
import type { Io } from "./io.ts";

type Slot = "context" | "meta" | "frag" | "func" | "old" | "new" | "whitespace";

/** git's own, as escape sequences. */
const STANDARD: Record<Slot, string> = {
  context: "",
  meta: "\u001b[1m",
  frag: "\u001b[36m",
  func: "",
  old: "\u001b[31m",
  new: "\u001b[32m",
  whitespace: "\u001b[41m",
};
const OFF = "\u001b[m";

/**
 * A patch in the colours that the user's git would give it. They are added here, after everything that a stranger wrote has been
 * made harmless. In git's own coloured output, the two could not be distinguished.
 */
export async function colourDiff(io: Io, text: string): Promise<string> {
  const palette = await paletteOf(io);
  if (palette === null) return text;
  const paint = (slot: Slot, part: string) => (part === "" || palette[slot] === "" ? part : palette[slot] + part + OFF);
  const paintLine = (slot: "old" | "new" | "context", line: string) => {
    const end = slot === "new" ? (/[ \t]+$/.exec(line.slice(1))?.[0] ?? "") : "";
    return paint(slot, line.slice(0, line.length - end.length)) + paint("whitespace", end);
  };
  let isInHunk = false;
  const lines = text.split("\n").map((line) => {
    const hunk = /^(@@+ .*? @@+)(.*)$/.exec(line);
    if (hunk !== null) {
      isInHunk = true;
      return paint("frag", hunk[1] ?? "") + paint("func", hunk[2] ?? "");
    }
    if (isInHunk && line.startsWith("+")) return paintLine("new", line);
    if (isInHunk && line.startsWith("-")) return paintLine("old", line);
    if (isInHunk && (/^[ \\]/.test(line) || line === "")) return paintLine("context", line);
    isInHunk = false;
    return paint("meta", line);
  });
  return lines.join("\n");
}

/** The bars of a table of files. */
export async function colourStat(io: Io, text: string): Promise<string> {
  const palette = await paletteOf(io);
  if (palette === null) return text;
  const paint = (colour: string, bar: string) => (bar === "" ? "" : colour + bar + OFF);
  const lines = text.split("\n").map((line) => {
    const [, head, plus = "", minus = ""] = /^( .* \| +\d+ )(\+*)(-*)$/.exec(line) ?? [];
    return head === undefined ? line : head + paint(palette.new, plus) + paint(palette.old, minus);
  });
  return lines.join("\n");
}

/** Null without colours, because of NO_COLOR, the terminal, or the user's git. */
async function paletteOf(io: Io): Promise<Record<Slot, string> | null> {
  if (coloursFor(io).bold("x") === "x") return null;
  const asked = await gitConfig(io, "--get-colorbool", "color.diff", "true");
  if (asked?.trim() === "false") return null;
  const own = (await gitConfig(io, "-z", "--type=color", "--get-regexp", "^color\\.diff\\.")) ?? "";
  const palette = { ...STANDARD };
  for (const entry of own.split("\0")) {
    const [key = "", value = ""] = entry.split("\n");
    const name = key.slice("color.diff.".length);
    const slot = name === "plain" ? "context" : name;
    if (slot in palette) palette[slot as Slot] = value;
  }
  return palette;
}

async function gitConfig(io: Io, ...args: string[]): Promise<string | null> {
  try {
    const { status, stdout } = await runChild(["git", "config", ...args], { env: io.env, isCaptured: true });
    return status === 0 ? stdout : null;
  } catch {
    return null; // no git: its standard colours
  }
}

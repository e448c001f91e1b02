import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Frame } from "../server/wire.ts";

/** Recorded with the real program. See `fixtures/README.md`. */
export const recorded = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../fixtures/codex-0.171.0/${name}`, import.meta.url)), "utf8");

export const frames = (recording = "session.jsonl"): Frame[] =>
  recorded(recording)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Frame.parse(JSON.parse(line)));

import { describe, expect, test } from "vitest";
import { screenSign } from "./screen-sign.ts";

/** Two looks at a program that waits for its model, as the real ones draw it. */
const NOTHING_NEW: Record<string, [string[], string[]]> = {
  "Claude Code's star and clock": [
    ["✢ Schlepping… (16s)", "❯ "],
    ["✶ Schlepping… (18s)", "❯ "],
  ],
  "Claude Code before its clock": [["· Schlepping…"], ["* Schlepping…"]],
  "Claude Code's logo": [["▐▂███▂█   Opus 5.5"], [" ▝▜██████▀  Opus 5.5"]],
  "Codex's clock": [["• Working (59s • esc to interrupt)"], ["• Working (1m 02s • esc to interrupt)"]],
  "Codex's advice": [
    ["• Working (28s)", "› Ask"],
    ["• Working (30s)", "  └ Tip: press Esc to step back", "› Ask"],
  ],
  "OpenCode's bar": [["■■■⬝⬝⬝⬝⬝  esc interrupt"], ["⬝⬝⬝⬝⬝■■■  esc interrupt"]],
  "Aider's scanner": [["░█        Waiting for gpt-4o"], ["      █░  Waiting for gpt-4o"]],
  "a braille spinner": [["⠋ building"], ["⠹ building"]],
  "an ASCII spinner": [["| linking"], ["\\ linking"]],
  "dots that come and go": [["thinking."], ["thinking."]],
  "more dots": [["thinking.."], ["thinking..."]],
  "a wall clock": [["12:59:58 waiting"], ["13:00:02 waiting"]],
};

const NEWS: Record<string, [string[], string[]]> = {
  "a word more": [["● A long"], ["● A long answer"]],
  "a line more": [["- Venus"], ["- Venus", "- Venus"]],
  "tokens that arrive": [["✢ Thinking… (39s · ↓ 321 tokens)"], ["✢ Thinking… (41s · ↓ 340 tokens)"]],
  "a bar of per cent": [["building 12%"], ["building 13%"]],
  "a count of tests": [["17 passed"], ["18 passed"]],
};

describe("a screen", () => {
  test.each(Object.entries(NOTHING_NEW))("says nothing new: %s", (_, [before, after]) => {
    expect(screenSign(after)).toBe(screenSign(before));
  });

  test.each(Object.entries(NEWS))("says something new: %s", (_, [before, after]) => {
    expect(screenSign(after)).not.toBe(screenSign(before));
  });
});

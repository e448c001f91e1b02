import { widthOf } from "../output/format.ts";
import { type Model, selectedRow } from "./model.ts";
import { isLong } from "./reading.ts";

export const HELP: readonly string[] = [
  "j k or arrows  select a row, n the next",
  "Tab      another session of the row",
  "Enter    attach, and come back",
  "a        answer its question",
  "v        view all of a long question",
  "d        show what it changed",
  "r        review its pull request",
  "m        merge it",
  "s        send it a message",
  "x        explain its status",
  "z        snooze the row",
  "q        quit",
  "",
  "A row of several sessions is answered for all of them. Other keys are about the one in brackets, or the first.",
  "Press any key to go back.",
];

/** The keys that make sense now, as many as fit. The last two always do. */
export function keyLine(model: Model, columns: number): string {
  if (model.mode.kind === "help") return fitting(["any key: back"], [], columns);
  if (model.mode.kind === "prompt") {
    const { kind } = model.mode.prompt;
    if (kind === "confirm") return fitting(["y: yes", "n: no"], [], columns);
    if (kind === "verdict") return fitting(["Esc: back"], [], columns);
    return fitting(["Enter: done", "Esc: back"], [], columns);
  }
  if (model.mode.kind === "read") {
    const { question } = model.mode.row;
    return fitting(["j k scroll", "Space page", ...(question ? ["a answer"] : [])], ["Esc: back"], columns);
  }
  const row = selectedRow(model);
  const hasPr = row?.sessions.some(({ pr }) => pr !== null) === true;
  const mine = [
    ...(row?.question ? ["a answer"] : []),
    ...(row !== null && isLong(row) ? ["v view all"] : []),
    ...(row?.group === "ready-to-merge" ? ["m merge"] : []),
    ...(row === null ? [] : ["Enter attach", "d diff"]),
    ...(hasPr ? ["r review"] : []),
    ...(hasPr && row?.group !== "ready-to-merge" ? ["m merge"] : []),
    ...(row === null ? [] : ["s send", "x explain", "z snooze"]),
  ];
  return fitting(mine, ["? keys", "q quit"], columns);
}

function fitting(some: readonly string[], always: readonly string[], columns: number): string {
  const kept = [...some];
  const line = () => [...kept, ...always].join("  ");
  while (kept.length > 0 && widthOf(line()) > columns) kept.pop();
  return line().slice(0, columns);
}

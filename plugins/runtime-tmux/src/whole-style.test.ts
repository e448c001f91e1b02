import { expect, test } from "vitest";
import { wholeStyles } from "./whole-style.ts";

test.each([
  [
    ["a \u001b[0;2mdim", "still", "\u001b[0mplain", "x"],
    ["", "\u001b[2m", "\u001b[2m", ""],
  ],
  [
    ["\u001b[1;7mbold", "\u001b[22mturned", "\u001b[27mplain", "x"],
    ["", "\u001b[1;7m", "\u001b[7m", ""],
  ],
  [
    ["\u001b[38;2;1;2;3m\u001b[48;5;7mc", "\u001b[39mc", "\u001b[49mc", "x"],
    ["", "\u001b[38;2;1;2;3;48;5;7m", "\u001b[48;5;7m", ""],
  ],
  [
    ["\u001b[4:3;38:2:1:2:3;91mc", "\u001b[24;100mc", "\u001b[mc", "x"],
    ["", "\u001b[4:3;91m", "\u001b[91;100m", ""],
  ],
])("each row begins with all that holds there: %j", (rows, begins) => {
  expect(wholeStyles(rows)).toEqual(rows.map((row, at) => `${begins[at]}${row}`));
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applied, type Board } from "../state/board.ts";
import { pr, question, view } from "../testing/view.ts";
import { place, visible } from "../ui/windowed.tsx";
import { filtered, projectsOf } from "./filter.ts";
import { keyAct } from "./keys.ts";
import { heightOf, rowsOf } from "./rows.ts";

describe("the rows of the board", () => {
  const views = [
    view({ id: "a-1", group: "working" }),
    view({ id: "a-2", group: "needs-you", question }),
    view({ id: "a-3", group: "working" }),
  ];

  it("have the daemon's groups and order", () => {
    expect(rowsOf(views, new Set()).map(({ key }) => key)).toEqual([
      "group needs-you",
      "a-2",
      "group working",
      "a-1",
      "a-3",
    ]);
  });

  it("leave out what is folded", () => {
    expect(rowsOf(views, new Set(["working" as const])).map(({ key }) => key)).toEqual([
      "group needs-you",
      "a-2",
      "group working",
    ]);
  });

  it("are as high as what they show", () => {
    const [, asking, , plain] = rowsOf(views, new Set());
    if (asking === undefined || plain === undefined) throw new Error("rows are missing");
    for (const room of ["wide", "narrow"] as const)
      expect(heightOf(asking, room)).toBeGreaterThan(heightOf(plain, room));
  });
});

it("draws every row that is in sight, and few others", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 400 }), fc.nat(20_000), (heights, top) => {
      const { placed, height } = place(heights, (each) => each);
      expect(height).toBe(heights.reduce((sum, each) => sum + each, 0));
      const seen = new Set(visible(placed, { top, height: 600 }));
      for (const row of placed) {
        const isInSight = row.top + row.height > top && row.top < top + 600;
        if (isInSight) expect(seen.has(row)).toBe(true);
      }
      expect([...seen].every((row) => row.top + row.height >= top - 400 && row.top <= top + 1_000)).toBe(true);
    }),
  );
});

describe("a filter", () => {
  const views = [
    view({ id: "a-1", projectId: "shop", pr: { ...pr, ci: "failing" } }),
    view({ id: "b-1", projectId: "till", instanceId: "two", issue: null, summary: "Count coins" }),
  ];
  it.each([
    ["", ["a-1", "b-1"]],
    ["coins", ["b-1"]],
    ["COUNT till", ["b-1"]],
    ["ci:failing", ["a-1"]],
    ["ci:failing coins", []],
    ["http://x", []],
  ])("%j", (text, ids) => {
    expect(filtered(views, { project: null, text }).map(({ id }) => id)).toEqual(ids);
  });

  it("keeps to a project of one config", () => {
    expect(filtered(views, { project: "two/till", text: "" }).map(({ id }) => id)).toEqual(["b-1"]);
  });

  it("names the config of projects that have the same name", () => {
    const twins = [
      view({ projectId: "x", instanceId: "one" }),
      view({ projectId: "x", instanceId: "two", group: "needs-you" }),
    ];
    expect(projectsOf(twins)).toEqual([
      { key: "one/x", name: "x (one)", count: 1, need: 0 },
      { key: "two/x", name: "x (two)", count: 1, need: 1 },
    ]);
  });
});

describe("a key", () => {
  it.each([
    ["j", "page", { kind: "move", by: 1 }],
    ["?", "page", { kind: "help" }],
    ["3", "page", { kind: "choice", number: 3 }],
    ["j", "text", null],
    ["Enter", "button", null],
    ["m", "button", { kind: "merge" }],
    ["toString", "page", null],
    ["0", "page", null],
  ] as const)("%s on the %s", (key, place, act) => {
    expect(keyAct({ key, place, hasModifier: false })).toEqual(act);
    expect(keyAct({ key, place, hasModifier: true })).toBeNull();
  });
});

describe("an update", () => {
  const empty: Board = { order: [], byId: new Map(), meta: null };
  it("changes what it names, drops what is gone, and keeps the rest as it is", () => {
    const first = applied(empty, { changed: [view({ id: "a" }), view({ id: "b" })], order: ["a", "b"] });
    const next = applied(first, { changed: [view({ id: "c" })], order: ["c", "b"] });
    expect([...next.byId.keys()]).toEqual(["c", "b"]);
    expect(next.byId.get("b")).toBe(first.byId.get("b"));
  });
});

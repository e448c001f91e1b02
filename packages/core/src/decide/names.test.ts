import { aRecord } from "@agent-orchestrator/testkit/records";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { emptyState } from "../store/fold.ts";
import {
  branchFor,
  findSession,
  freeBranch,
  liveSessionOf,
  parseSpawnArguments,
  safeBranch,
  sessionPrefix,
  slug,
} from "./names.ts";

test.each([
  ["app", "app"],
  ["shop", "shop"],
  ["my-app", "ma"],
  ["big_data_lake", "bdl"],
  ["backend", "bac"],
  ["a-b", "ab"],
])("the prefix of %s is %s", (project, prefix) => {
  expect(sessionPrefix(project)).toBe(prefix);
});

test.each([
  ["Fix the Login!", "fix-the-login"],
  ["  Ünïcode — ärger  ", "unicode-arger"],
  ["日本語", ""],
  ["word ".repeat(40), "word-word-word-word-word-word-word-word"],
])("the slug of %j is %j", (text, expected) => {
  expect(slug(text)).toBe(expected);
});

describe("branch names", () => {
  const words = {
    template: null,
    user: "Ann B",
    issue: null,
    trackerBranch: null,
    prompt: null,
    fallback: "session/x1",
  };
  const issue = { id: "42", title: "Make it fast", branchName: null };

  test("come from the template, the issue, the tracker, the prompt, the session, in this order", () => {
    const all = { ...words, issue: { ...issue, branchName: "ann/int-42" }, trackerBranch: "feat/42", prompt: "do it" };
    expect(branchFor({ ...all, template: "{user}/{issue}-{slug}" })).toBe("ann-b/42-make-it-fast");
    expect(branchFor(all)).toBe("ann/int-42");
    expect(branchFor({ ...all, issue })).toBe("feat/42");
    expect(branchFor({ ...words, prompt: "Do it, now" })).toBe("do-it-now");
    expect(branchFor(words)).toBe("session/x1");
    expect(branchFor({ ...words, template: "feat/{issue}" })).toBe("feat/x1");
  });

  test("are always names that git takes and that no shell, tmux or option parser misreads", () => {
    const safe = /^[\p{L}\p{N}_](?:[\p{L}\p{N}._/-]*[\p{L}\p{N}_-])?$/u;
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const name = safeBranch(text);
        if (name === null) return;
        expect(name).toMatch(safe);
        expect(name).not.toMatch(/\.\.|\/\/|\/\.|\.lock(\/|$)|^-|\/-/);
      }),
    );
    expect(safeBranch("--upload-pack=x;$(id)#{pane}")).toBe("upload-pack-x-id-pane");
  });

  test("that are taken get the first free number, and never the folder of another", () => {
    expect(freeBranch("feat/42", new Set())).toBe("feat/42");
    expect(freeBranch("feat/42", new Set(["feat/42", "feat/42-2"]))).toBe("feat/42-3");
    expect(freeBranch("feat/42", new Set(["feat/42/part"]))).toBe("feat/42-2");
    expect(freeBranch("feat/42", new Set(["feat"]))).toMatch(/^feat-42-\d+$/);
  });
});

const stateOf = (...sessions: SessionRecord[]): State => ({
  ...emptyState(),
  sessions: Object.fromEntries(sessions.map((session) => [session.id, session])),
});

describe("naming a session", () => {
  const one = aRecord({ id: "app-1", phase: "running" });
  const ten = aRecord({
    id: "app-10",
    phase: "running",
    branch: "feat/7",
    task: { issue: { id: "7", title: "", url: "https://x/7" }, prompt: null },
  });
  const old = aRecord({
    id: "app-2",
    phase: "ended",
    branch: "feat/9",
    task: { issue: { id: "9", title: "", url: "https://x/9" }, prompt: null },
  });
  const state = stateOf(one, ten, old);

  test.each([
    ["app-1", "app-1"],
    ["app-2", "app-2"],
    ["#7", "app-10"],
    ["https://x/7/", "app-10"],
    ["feat/7", "app-10"],
  ])("%s is %s", (word, id) => {
    expect(findSession(state, word).id).toBe(id);
  });

  test.each(["app", "app-", "app-3", "9", "#9", "PR 42", "feat/9", "constructor", ""])("%j names none", (word) => {
    expect(() => findSession(state, word)).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
  });

  test("a word that fits two is refused with both names", () => {
    const twin = stateOf(one, { ...one, id: "app-3" });
    expect(() => findSession(twin, "#42")).toThrow(
      expect.objectContaining({
        code: "AMBIGUOUS",
        message: expect.stringContaining("app-1 (issue 42 of my-app), app-3 ("),
      }),
    );
  });

  test("an issue has a live session until that has ended", () => {
    const task = { instanceId: one.instanceId, projectId: one.projectId };
    expect(liveSessionOf(state, { ...task, issueId: "42" })?.id).toBe("app-1");
    expect(liveSessionOf(state, { ...task, issueId: "9" })).toBeNull();
  });
});

describe("the words of spawn", () => {
  const projects = [
    { id: "shop", path: "/w/shop" },
    { id: "api", path: "/w/shop/api" },
  ];
  const inside = { projects, cwd: "/w/shop/api/src" };

  test("begin with the project, or are issues of the project of this folder", () => {
    expect(parseSpawnArguments(["shop", "42", "#43"], inside)).toEqual({ project: "shop", issues: ["42", "#43"] });
    expect(parseSpawnArguments(["42", "42"], inside)).toEqual({ project: "api", issues: ["42"] });
    expect(parseSpawnArguments([], { projects, cwd: "/w/shop" })).toEqual({ project: "shop", issues: [] });
    expect(parseSpawnArguments(["INT-100"], { projects: [{ id: "only", path: "/x" }], cwd: "/" }).project).toBe("only");
  });

  test("that name no project, or leave it open, are refused with the names there are", () => {
    expect(() => parseSpawnArguments(["shpo", "42"], inside)).toThrow(
      expect.objectContaining({ code: "NOT_FOUND", hint: "Projects: shop, api." }),
    );
    for (const words of [["fix", "the", "login"], ["fix the login"]]) {
      expect(() => parseSpawnArguments(words, inside)).toThrow(
        expect.objectContaining({
          code: "USAGE",
          hint: 'To give it to an agent as its task: `ao spawn -p "fix the login"`.',
        }),
      );
    }
    expect(() => parseSpawnArguments(["it's", "$5"], inside)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("`ao spawn -p 'it'\\''s $5'`") }),
    );
    expect(() => parseSpawnArguments(["shpo", "42", "43"], inside)).toThrow(
      expect.objectContaining({ code: "NOT_FOUND" }),
    );
    expect(() => parseSpawnArguments(["42"], { projects, cwd: "/w/shopping" })).toThrow(
      expect.objectContaining({ code: "USAGE" }),
    );
  });
});

import { aPr, aRecord } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { emptyState } from "../store/fold.ts";
import { findSession, type Scope } from "./find-session.ts";

const FORGE = "https://example.org/o/r";

function session(id: string, about: { issue?: string; pr?: number; phase?: SessionRecord["phase"] }): SessionRecord {
  const { issue, pr, phase = "running" } = about;
  const info = { ...aPr().info, number: pr ?? 0, url: `${FORGE}/pull/${pr}` };
  return aRecord({
    id,
    phase,
    ...(phase === "ended" ? { status: "merged" } : {}),
    branch: `feat/${issue ?? id}`,
    task: {
      issue: issue === undefined ? null : { id: issue, title: "t", url: `${FORGE}/issues/${issue}` },
      prompt: null,
    },
    pr: { snapshot: pr === undefined ? null : aPr({ info }) },
  });
}

const stateOf = (...records: SessionRecord[]): State => ({
  ...emptyState(),
  sessions: Object.fromEntries(records.map((record) => [record.id, record])),
});

const state = stateOf(
  session("app-1", { issue: "42", pr: 8 }),
  session("app-2", { issue: "8", pr: 9 }),
  session("app-3", { issue: "INT-5", pr: 43 }),
  session("app-4", { issue: "50", pr: 50 }),
  session("app-5", { issue: "60", pr: 61, phase: "ended" }),
);

/** What the command line says when it cannot tell. */
function refusal(word: string, from = state, scope?: Scope) {
  try {
    return findSession(from, word, scope).id;
  } catch (error) {
    const { code, message, hint } = error as { code: string; message: string; hint: string };
    return { code, message, hint };
  }
}

describe("a session is found by its id, issue, pull request, branch or URL", () => {
  test.each([
    ["app-1", "app-1"],
    ["42", "app-1"],
    ["#42", "app-1"],
    ["43", "app-3"],
    ["#43", "app-3"],
    ["PR 8", "app-1"],
    ["pr8", "app-1"],
    ["pr #8", "app-1"],
    ["!8", "app-1"],
    ["INT-5", "app-3"],
    ["#INT-5", "app-3"],
    ["50", "app-4"],
    ["feat/42", "app-1"],
    ["origin/feat/42", "app-1"],
    ["refs/heads/feat/42", "app-1"],
    [`${FORGE}/pull/8`, "app-1"],
    [`${FORGE}/pull/8/`, "app-1"],
    [`${FORGE}/pull/8/files`, "app-1"],
    [`${FORGE}/pull/8#issuecomment-1`, "app-1"],
    [`${FORGE}/issues/8`, "app-2"],
  ])("%s is %s", (word, id) => {
    expect(refusal(word)).toBe(id);
  });
});

test("a number that is the issue of one and the pull request of another says which is which", () => {
  expect(refusal("#8")).toEqual({
    code: "AMBIGUOUS",
    message: "#8 fits several sessions: app-1 (PR 8 of my-app), app-2 (issue 8 of my-app)",
    hint: "Name one by its id.",
  });
});

test("a session that has ended is named, and not taken", () => {
  expect(refusal("#60")).toEqual({
    code: "NOT_FOUND",
    message: "no live session for #60",
    hint: "app-5 had issue 60 and is merged now. Use its id: `ao show app-5`.",
  });
  expect(refusal("PR 61")).toMatchObject({ hint: expect.stringContaining("app-5 had PR 61") });
});

test.each(["4", "#", "PR 42", "feat", "app", `${FORGE}/pull/80`, FORGE])("%s names none", (word) => {
  expect(refusal(word)).toMatchObject({ code: "NOT_FOUND", message: `no session ${word}` });
});

describe("a number or a branch that fits sessions of several projects", () => {
  const web = { instanceId: "i-web", projectId: "web" };
  const [mine] = Object.values(state.sessions);
  const shop = { instanceId: mine?.instanceId ?? "", projectId: mine?.projectId ?? "" };
  const both = stateOf(
    session("app-1", { issue: "42", pr: 1, phase: "ended" }),
    session("app-2", { issue: "43", pr: 2 }),
    { ...session("web-1", { issue: "7", pr: 1 }), ...web },
    { ...session("web-2", { issue: "8", pr: 2 }), ...web },
  );
  const change = (...projects: Scope["projects"]): Scope => ({ projects, isChange: true });
  const look = (...projects: Scope["projects"]): Scope => ({ projects, isChange: false });

  test("means that of the project where the caller stands", () => {
    expect(refusal("#2", both, change(shop))).toBe("app-2");
    expect(refusal("#2", both, look(web))).toBe("web-2");
    expect(refusal("#2", both, look())).toMatchObject({ code: "AMBIGUOUS" });
  });

  test("never means another project's, though the one here has ended", () => {
    const ended = { code: "NOT_FOUND", message: "no live session for #1" };
    expect(refusal("#1", both, change(shop))).toMatchObject(ended);
    expect(refusal("#1", both, look(shop))).toMatchObject(ended);
  });

  test.each(["#7", "7", "feat/7"])("is not looked for elsewhere by a command that changes something: %s", (word) => {
    expect(refusal(word, both, look(shop))).toBe("web-1");
    expect(refusal(word, both, change(shop))).toMatchObject({
      code: "NOT_FOUND",
      message: `no session ${word} in my-app`,
      hint: expect.stringMatching(
        /^It fits web-1 \(.* of web\)\. To change a session of another project, use its id\./,
      ),
    });
  });

  test("is refused outside of a project if one of them has ended, unless nothing is changed", () => {
    expect(refusal("#1", both, look())).toBe("web-1");
    expect(refusal("#1", both, change())).toMatchObject({
      code: "AMBIGUOUS",
      message: "#1 fits several sessions: web-1 (PR 1 of web), app-1 (PR 1 of my-app, merged)",
    });
    expect(refusal("#7", both, change())).toBe("web-1");
  });

  test("does not matter for an id or a URL", () => {
    expect(refusal("web-2", both, change(shop))).toBe("web-2");
    expect(refusal(`${FORGE}/issues/8`, both, change(shop))).toBe("web-2");
  });
});

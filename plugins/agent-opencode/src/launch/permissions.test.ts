import { expect, test } from "vitest";
import {
  type Action,
  type OpenCodePermissions,
  type PermissionConfig,
  permissionConfig,
  type UserRules,
} from "./permissions.ts";

const user = (permission: PermissionConfig, agents: UserRules["agents"] = {}): UserRules => ({ permission, agents });
const wish = { allow: [] as string[], allowed: {}, user: user({}) };

/** Judges as OpenCode does: its own defaults, the user's rules, then the agent's. The last match counts. */
function judge(
  config: OpenCodePermissions,
  own: PermissionConfig,
  [agent, kind, what]: [string, string, string],
): Action {
  const rules = [{ "*": "allow", external_directory: "ask", doom_loop: "ask" } as PermissionConfig, own];
  const flat = [...rules, config.permission ?? {}, config.agent?.[agent]?.permission ?? {}].flatMap((each) =>
    Object.entries(each).flatMap(([name, action]) =>
      typeof action === "string"
        ? [{ name, pattern: "*", action }]
        : Object.entries(action).map(([pattern, one]) => ({ name, pattern, action: one })),
    ),
  );
  return flat.findLast(({ name, pattern }) => fits(name, kind) && fits(pattern, what))?.action ?? "ask";
}

function fits(pattern: string, text: string): boolean {
  const body = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/ \.\*$/, "( .*)?");
  return new RegExp(`^${body}$`, "s").test(text);
}

test.each<[string, string, Action]>([
  ["edit", "src/a.ts", "allow"],
  ["bash", "git commit -qm x", "allow"],
  ["bash", "git status", "allow"],
  ["bash", "ao report done", "allow"],
  ["bash", "pnpm test --run", "allow"],
  ["bash", "pnpm testing", "ask"],
  ["bash", "git push", "ask"],
  ["bash", "rm -rf x", "ask"],
  ["external_directory", "/etc/*", "ask"],
])("edits, without rules of the user: %s %s is %s", (kind, what, action) => {
  const config = permissionConfig({ ...wish, mode: "edits", allow: ["pnpm test"] });
  for (const agent of ["build", "general"]) expect(judge(config, {}, [agent, kind, what])).toBe(action);
});

test.each<[string, string, Action]>([
  ["bash", "rm -rf x", "deny"],
  ["bash", "git push origin x", "allow"],
  ["bash", "make", "ask"],
  ["edit", "a.env", "deny"],
  ["edit", "pnpm-lock.yaml", "ask"],
  ["edit", "src/a.ts", "allow"],
  ["webfetch", "https://example.com", "ask"],
])("edits, with the user's own rules: %s %s is %s", (kind, what, action) => {
  const own: PermissionConfig = {
    bash: { "git push *": "allow", "rm *": "deny" },
    edit: { "*": "ask", "*.env": "deny", "pnpm-lock.yaml": "ask" },
    webfetch: "ask",
  };
  const config = permissionConfig({ ...wish, mode: "edits", user: user(own) });
  expect(judge(config, own, ["build", kind, what])).toBe(action);
});

test("a read-only agent keeps its ban on edits, and one that must not run anything gets no list", () => {
  const reviewer = { permission: { bash: "deny", edit: "deny" } as PermissionConfig, isDisabled: false };
  const config = permissionConfig({ ...wish, mode: "edits", user: user({}, { reviewer }) });
  expect(config.agent?.plan?.permission.edit).toBe(undefined);
  expect(judge(config, {}, ["reviewer", "bash", "git commit -m x"])).toBe("deny");
  expect(judge(config, {}, ["reviewer", "edit", "a"])).toBe("deny");
});

test("an agent that the user disabled stays disabled", () => {
  const general = { permission: {}, isDisabled: true };
  const config = permissionConfig({ ...wish, mode: "edits", user: user({}, { general }) });
  expect(Object.keys(config.agent ?? {})).not.toContain("general");
});

test.each<["auto" | "skip", [string, string], Action]>([
  ["auto", ["bash", "make"], "allow"],
  ["auto", ["bash", "rm -rf /"], "deny"],
  ["auto", ["mcp_thing", "x"], "allow"],
  ["auto", ["external_directory", "/etc/*"], "ask"],
  ["auto", ["read", "a.env"], "allow"],
  ["skip", ["external_directory", "/etc/*"], "allow"],
  ["skip", ["doom_loop", "bash"], "allow"],
  ["skip", ["bash", "rm -rf /"], "deny"],
])("%s: %j is %s", (mode, [kind, what], action) => {
  const own: PermissionConfig = { bash: { "*": "ask", "rm *": "deny" }, mcp_thing: "ask", external_directory: "ask" };
  const config = permissionConfig({ ...wish, mode, user: user(own) });
  expect(judge(config, own, ["build", kind, what])).toBe(action);
});

test("the default mode is the user's own, with only what they allowed by name", () => {
  expect(permissionConfig({ ...wish, mode: "default" })).toEqual({});
  const own: PermissionConfig = { bash: "ask" };
  const config = permissionConfig({ ...wish, mode: "default", allow: ["make"], user: user(own) });
  expect(judge(config, {}, ["build", "bash", "make all"])).toBe("allow");
  expect(judge(config, {}, ["build", "bash", "rm x"])).toBe("ask");
});

test("what the user allowed permanently in an answer applies at the next launch", () => {
  const config = permissionConfig({ ...wish, mode: "edits", allowed: { bash: ["echo *"], webfetch: ["*"] } });
  expect(judge(config, {}, ["build", "bash", "echo two"])).toBe("allow");
  expect(judge(config, { webfetch: "ask" }, ["build", "webfetch", "https://a"])).toBe("allow");
});

/** These accept one word in OpenCode's config (1.18.33). With a map of patterns it does not start. */
const ONE_WORD = ["todowrite", "question", "webfetch", "websearch", "doom_loop"];

test.each(["default", "edits", "auto", "skip"] as const)("%s: kinds without patterns get one word", (mode) => {
  const own: PermissionConfig = { webfetch: "ask", websearch: "deny", todowrite: "ask", question: "ask" };
  const allowed = { webfetch: ["*"], websearch: ["*"], doom_loop: ["bash"], bash: ["echo *"] };
  const { permission = {}, agent = {} } = permissionConfig({ ...wish, mode, allowed, user: user(own) });
  const said = [permission, ...Object.values(agent).map((each) => each.permission)].flatMap(Object.entries);
  const words = said.filter(([kind]) => ONE_WORD.includes(kind));
  expect(words.filter(([, rule]) => typeof rule !== "string")).toEqual([]);
  expect(words).toContainEqual(["webfetch", "allow"]);
  expect(words).not.toContainEqual(["websearch", "allow"]);
});

test("permanent permission for one call is not extended to its whole kind", () => {
  const config = permissionConfig({ ...wish, mode: "edits", allowed: { doom_loop: ["bash"] } });
  expect(judge(config, {}, ["build", "doom_loop", "bash"])).toBe("ask");
});

test.each(["edits", "auto", "skip"] as const)("%s: a user who denies everything except some keeps that", (mode) => {
  const own: PermissionConfig = { "*": "deny", read: "allow" };
  const config = permissionConfig({ ...wish, mode, user: user(own) });
  for (const kind of ["edit", "webfetch", "task"]) expect(judge(config, own, ["build", kind, "x"])).toBe("deny");
  expect(judge(config, own, ["build", "bash", "rm x"])).toBe("deny");
  expect(judge(config, own, ["build", "read", "x"])).toBe("allow");
});

import { expect, it } from "vitest";
import { createUserTokens } from "./user-tokens.ts";

const NAMES = ["GITHUB_TOKEN", "GH_TOKEN"];

it("takes up the token of the user's last command that has one, of this instance only, and masks it", () => {
  const masked: string[] = [];
  const tokens = createUserTokens((values) => masked.push(...values));
  const [here, there] = ["here", "there"].map((id) => tokens.of(id, NAMES, {}));
  expect(here?.()).toEqual({});
  tokens.note("here", { GITHUB_TOKEN: "ghp_first", HOME: "/home/me" });
  expect([here?.(), there?.()]).toEqual([{ GITHUB_TOKEN: "ghp_first" }, {}]);
  tokens.note("here", { HOME: "/home/me", GITHUB_TOKEN: "" });
  tokens.note("here", undefined);
  expect(here?.()).toEqual({ GITHUB_TOKEN: "ghp_first" });
  tokens.note("here", { GH_TOKEN: "ghp_second" });
  expect(here?.()).toEqual({ GH_TOKEN: "ghp_second" });
  expect(masked).toEqual(["ghp_first", "ghp_second"]);
});

it("gives a plugin that is made later what the earlier one of its kind has, not what an older environment had", () => {
  const tokens = createUserTokens(() => undefined);
  tokens.of("here", NAMES, { GITHUB_TOKEN: "ghp_first" });
  tokens.note("here", { GITHUB_TOKEN: "ghp_second" });
  expect(tokens.of("here", NAMES, { GITHUB_TOKEN: "ghp_first" })()).toEqual({ GITHUB_TOKEN: "ghp_second" });
});

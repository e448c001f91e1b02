import { expect, test } from "vitest";
import { z } from "zod";
import { optionProblems } from "./option-problems.ts";

const Keys = z.strictObject({
  format: z.enum(["json", "slack"]).optional(),
  secret: z.string().min(16).optional(),
  port: z.int().min(1).max(65_535).optional(),
  headers: z.record(z.string().regex(/^[a-z-]+$/), z.string()).optional(),
  users: z.union([z.array(z.string().min(2)), z.record(z.string(), z.array(z.enum(["send"])))]).optional(),
  url: z
    .string()
    .regex(/^https:/, "must be an https address")
    .optional(),
  args: z.array(z.string()).min(1).optional(),
});

test.each<[string, unknown, string[]]>([
  ["a word that is none of several", { format: "jso" }, ["format: must be one of json, slack"]],
  ["another kind", { headers: [], port: "80" }, ["port: must be a number", "headers: must be a map"]],
  ["a short text", { secret: "x" }, ["secret: must have at least 16 characters"]],
  ["a number that is too large", { port: 70_000 }, ["port: must be at most 65535"]],
  ["an empty list", { args: [] }, ["args: must not be empty"]],
  ["a key that is not allowed", { headers: { HOST: "x" } }, ["headers.HOST: is not allowed here"]],
  [
    "an unknown key, and one like a known one",
    { secrte: "x", q: 1 },
    ["secrte: is unknown, did you mean `secret`?", "q: is unknown"],
  ],
  ["none of two kinds", { users: 3 }, ["users: must be a list or a map"]],
  ["one of two kinds, with a fault", { users: { u1: ["fly"] } }, ["users: u1.0 must be send"]],
  ["the author's own words", { url: "http://x" }, ["url: must be an https address"]],
])("%s", (_name, options, expected) => {
  const { error } = Keys.safeParse(options);
  const said = error === undefined ? [] : optionProblems(error, { known: Object.keys(Keys.shape) });
  expect(said.sort()).toEqual([...expected].sort());
  expect(said.join()).not.toMatch(/invalid|expected|received/i);
});

test("a missing one is said, with the plugin's prefix", () => {
  const { error } = z.strictObject({ team: z.string() }).safeParse({});
  expect(error && optionProblems(error, { prefix: "tracker" })).toEqual(["tracker.team: is missing (text)"]);
});

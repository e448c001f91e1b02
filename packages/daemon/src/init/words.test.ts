import { expect, it } from "vitest";
import { parse } from "yaml";
import { projectIdOf, repoAt } from "./detect.ts";
import { yamlText } from "./render.ts";

it.each([
  ["https://github.com/me/shop.git", "me/shop"],
  ["https://token@github.com/me/shop", "me/shop"],
  ["git@github.com:me/shop.git", "me/shop"],
  ["ssh://git@github.com:22/me/shop.js/", "me/shop.js"],
  ["https://gitlab.com/me/shop.git", null],
  ["https://github.com.evil.invalid/me/shop", null],
  ["https://github.com/me/shop/extra", null],
  ["/srv/git/shop.git", null],
  ["git@github.com:me/$(x).git", null],
])("the remote %s is GitHub's %s", (url, repo) => {
  expect(repoAt(["github.com"], url)).toBe(repo);
});

it.each([
  ["/x/my-app", "my-app"],
  ["/x/My App (2)", "My-App-2"],
  ["/x/2048", "app-2048"],
  ["/x/--evil", "evil"],
  ["/x/日本", "app"],
  ["/x/café", "cafe"],
  [`/x/${"long-".repeat(20)}`, "long-long-long-long-long-long-long-long"],
])("the folder %s makes the project id %s", (root, id) => {
  expect(projectIdOf(root)).toBe(id);
});

it.each([
  "npm test",
  "a: b",
  "x #y",
  "yes",
  "no",
  "- x",
  "{prompt}",
  "*",
  "&a",
  "!x",
  "'",
  '"',
  "a\nb",
  " x",
  "x ",
  "1",
  "0x1",
  "~",
  "null",
  "feat/x",
  "a:",
  "@x",
  "%x",
  "`x`",
  "${X}",
  "\u2028",
])("%j survives being written as YAML", (text) => {
  expect(parse(`a: [${yamlText(text)}]\nb: ${yamlText(text)}\nc: { d: ${yamlText(text)} }\n`)).toEqual({
    a: [text],
    b: text,
    c: { d: text },
  });
});

import { expect, test } from "vitest";
import { isTrustedIn, override, tomlList, tomlString } from "./config.ts";

test.each([
  [`[projects."/home/dev/app"]\ntrust_level = "trusted"\n`, true],
  [`model = "x"\n\n[projects.'/home/dev/app'] # mine\ntrust_level = "trusted"`, true],
  [`[projects."/home/dev/app"]\ntrust_level = "untrusted"\n`, false],
  [`[projects."/home/dev/app"]\n[projects."/home/dev/other"]\ntrust_level = "trusted"`, false],
  [`[projects."/home/dev/app2"]\ntrust_level = "trusted"`, false],
  [`# [projects."/home/dev/app"]\n# trust_level = "trusted"`, false],
  [`projects = { "/home/dev/app" = { trust_level = "trusted" } }`, true],
  [`[projects]\n"/home/dev/app".trust_level = "trusted"`, true],
  ["", false],
])("%j trusts the folder: %s", (config, isTrusted) => {
  expect(isTrustedIn(config, "/home/dev/app")).toBe(isTrusted);
});

test("strings are quoted as TOML requires", () => {
  expect(tomlString('say "hi"\n\\ \u007f')).toBe('"say \\"hi\\"\\n\\\\ \\u007f"');
  expect(tomlList(["a", "b c"])).toBe('["a","b c"]');
  expect(override("a.b", "1")).toEqual(["-c", "a.b=1"]);
});

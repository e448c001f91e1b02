import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandPages } from "./output/command-pages.ts";
import { COMMANDS } from "./table.ts";

const folder = join(import.meta.dirname, "../../../docs/commands");

describe("docs/commands", () => {
  it("is what `npm run docs` writes from the command table", () => {
    const pages = commandPages(COMMANDS);
    expect(readdirSync(folder).sort()).toEqual(Object.keys(pages).sort());
    for (const [name, text] of Object.entries(pages)) expect(readFileSync(join(folder, name), "utf8"), name).toBe(text);
  });
});

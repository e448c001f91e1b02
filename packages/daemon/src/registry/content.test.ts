import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { describe, expect, it } from "vitest";
import { contentOfFile, contentOfPackage } from "./content.ts";

function place(files: Record<string, string>): { dir: string; write(file: string, text: string): void } {
  const dir = tempDir("ao-content");
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  return { dir, write };
}

const FILES = {
  "p.ts": `import a from "./a";
import type { T } from "@agent-orchestrator/core/types";
export * from './b.js';
const c = await import(/* lazy */ \`./sub/c.mjs\`);
const d = require("../outside.cjs");
import "./folder";`,
  "a.ts": 'import "./deep";',
  "deep.ts": "export {};",
  "b.ts": "export const b = 1;",
  "sub/c.mjs": "export default 1;",
  "folder/package.json": '{ "main": "./x" }',
  "folder/x.js": "1;",
  "other.ts": "1;",
};

describe("the content of a local plugin", () => {
  it.each(["p.ts", "a.ts", "deep.ts", "b.ts", "sub/c.mjs", "folder/package.json", "folder/x.js", "../outside.cjs"])(
    "covers %s",
    (file) => {
      const { dir, write } = place(
        Object.fromEntries(Object.entries(FILES).map(([name, text]) => [`p/${name}`, text])),
      );
      write("outside.cjs", "module.exports = 1;");
      const before = contentOfFile(join(dir, "p/p.ts"));
      write(join("p", file), "changed");
      expect(contentOfFile(join(dir, "p/p.ts")).digest).not.toBe(before.digest);
    },
  );

  it("does not change with other files, or with its place", () => {
    const [one, two] = [place(FILES), place(FILES)];
    const before = contentOfFile(join(one.dir, "p.ts")).digest;
    one.write("other.ts", "2;");
    expect(contentOfFile(join(one.dir, "p.ts")).digest).toBe(before);
    expect(contentOfFile(join(two.dir, "p.ts")).digest).toBe(before);
  });

  it("changes when a file appears that an import may mean instead", () => {
    const { dir, write } = place(FILES);
    const digests = new Set([contentOfFile(join(dir, "p.ts")).digest]);
    for (const file of ["a.js", "a/index.ts", "b.js", "a"]) {
      rmSync(join(dir, "a"), { recursive: true, force: true });
      write(file, "evil();");
      digests.add(contentOfFile(join(dir, "p.ts")).digest);
    }
    expect(digests.size).toBe(5);
  });

  it("follows links, and notices when one leads elsewhere", () => {
    const { dir } = place({
      "p.ts": 'import "./link.ts";',
      "real/x.ts": 'import "./y";',
      "real/y.ts": "1;",
      "z.ts": "1;",
    });
    symlinkSync(join(dir, "real/x.ts"), join(dir, "link.ts"));
    const before = contentOfFile(join(dir, "p.ts")).digest;
    writeFileSync(join(dir, "real/y.ts"), "2;");
    const changed = contentOfFile(join(dir, "p.ts")).digest;
    rmSync(join(dir, "link.ts"));
    symlinkSync(join(dir, "z.ts"), join(dir, "link.ts"));
    expect(new Set([before, changed, contentOfFile(join(dir, "p.ts")).digest]).size).toBe(3);
  });
});

describe("the content of a package", () => {
  const PACKAGE = { "package.json": "{}", "lib/a.js": "1;", "node_modules/dep/x.js": "1;" };

  it("is all of its files, without nested packages", () => {
    const { dir, write } = place(PACKAGE);
    symlinkSync(dir, join(dir, "lib/loop"));
    const before = contentOfPackage(dir).digest;
    write("node_modules/dep/x.js", "2;");
    expect(contentOfPackage(dir).digest).toBe(before);
    const digests = new Set([before]);
    for (const file of ["lib/a.js", "package.json", "lib/new/b.js", ".hidden"]) {
      write(file, "changed");
      digests.add(contentOfPackage(dir).digest);
    }
    expect(digests.size).toBe(5);
  });

  it("is refused if it is too much to read", () => {
    const { dir } = place(Object.fromEntries(Array.from({ length: 2001 }, (_, at) => [`f${at}`, ""])));
    expect(() => contentOfPackage(dir)).toThrow("is too large to be trusted: more than 2000 files or 32 MiB");
  });
});

import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { createTracker } from "./tracker.ts";

function desk(files: Record<string, string> = {}) {
  const path = tempDir("ao-issues");
  chmodSync(path, 0o755);
  const folder = join(path, ".ao", "issues");
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const warnings: string[] = [];
  const log = { debug: () => undefined, warn: (message: string) => void warnings.push(message) };
  const project = projectConfig({ path });
  const tracker = createTracker(pluginContext({ project, log }));
  return { tracker, project, folder, warnings, read: (name: string) => readFileSync(join(folder, name), "utf8") };
}

const failure = async (asked: Promise<unknown>) => {
  const error = await asked.catch((thrown: unknown) => thrown);
  return isAoError(error) ? `${error.code}: ${error.message}` : error;
};

it("closes an issue by changing one word of the file, whatever is around it", async () => {
  const before = [
    "---\r",
    "title:   'Keep  my quotes'   # and this\r",
    "x-mine: {a: 1,   b: [2,3]}\r",
    "state:    open    # until friday\r",
    "labels: [ bug,ui ]\r",
    "---\r",
    "\r",
    "Text with state: open in it.  \r",
    "---\r",
    "no newline at the end",
  ].join("\n");
  const { tracker, project, folder, read } = desk({ "42-it.md": before });
  chmodSync(join(folder, "42-it.md"), 0o664);
  await tracker.updateIssue("42", { state: "closed" }, project);
  expect(read("42-it.md")).toBe(before.replace("open    # until", "closed    # until"));
  expect(statSync(join(folder, "42-it.md")).mode & 0o777).toBe(0o664);
});

it.each([
  ["an empty value", "---\nstate:\ntitle: a\n---\nx\n", "---\nstate: closed\ntitle: a\n---\nx\n"],
  ["a quoted value", "---\nstate: 'open'\n---\n", "---\nstate: closed\n---\n"],
  ["no such key", "---\ntitle: a # b\n---\nx\n", "---\ntitle: a # b\nstate: closed\n---\nx\n"],
  ["empty front matter", "---\n---\nx\n", "---\nstate: closed\n---\nx\n"],
  ["no front matter", "# Title\r\ntext\r\n", "---\r\nstate: closed\r\n---\r\n# Title\r\ntext\r\n"],
  ["a byte order mark", "\ufeff---\nstate: open\n---\n", "\ufeff---\nstate: closed\n---\n"],
  ["a block scalar", "---\nstate: >-\n  open\nz: 1\n---\n", "---\nstate: closed\nz: 1\n---\n"],
])("closes a file with %s", async (_, before, after) => {
  const { tracker, project, read } = desk({ "7.md": before });
  await tracker.updateIssue("7", { state: "closed" }, project);
  expect(read("7.md")).toBe(after);
  expect(await tracker.isCompleted("7", project)).toBe(true);
});

it("keeps the lines of the labels that stay", async () => {
  const before = "---\nlabels:\n    - bug   # bad\n    - ui\n    - old\nz: 1\n---\n";
  const { tracker, project, read } = desk({ "7.md": before });
  await tracker.updateIssue("7", { labels: ["bug", "ui", "yes"] }, project);
  expect(read("7.md")).toBe('---\nlabels:\n    - bug   # bad\n    - ui\n    - "yes"\nz: 1\n---\n');
  expect((await tracker.getIssue("7", project)).labels).toEqual(["bug", "ui", "yes"]);
});

it("lists the valid issues, and reports once what is wrong with each of the others", async () => {
  const { tracker, project, warnings } = desk({
    "1-good.md": "---\ntitle: Good\n---\n",
    "2-broken.md": "---\ntitle: a: b: c\n---\n",
    "3-open.md": "---\ntitle: never closed\n",
    "4-a.md": "first",
    "04-b.md": "second",
    "5-state.md": "---\nstate: perhaps\n---\n",
    "six.md": "no number",
    "README.md": "how to",
  });
  const listed = async () => (await tracker.listIssues({}, project)).map((issue) => issue.id);
  expect(await listed()).toEqual(["1"]);
  expect(await listed()).toEqual(["1"]);
  const text = warnings.join("\n");
  for (const name of ["2-broken.md", "3-open.md", "4-a.md", "04-b.md", "5-state.md", "six.md"]) {
    expect(text.split(name).length - 1, name).toBeGreaterThan(0);
  }
  expect(new Set(warnings).size).toBe(warnings.length);
  expect(text).not.toContain("README.md");
  expect(await failure(tracker.getIssue("2", project))).toMatch(/^FAILED: .*2-broken\.md: line 2: /);
  expect(await failure(tracker.getIssue("4", project))).toMatch(/two files have the issue number 4/);
  expect((await tracker.getIssue("1", project)).title).toBe("Good");
});

it("refuses hostile YAML quickly, without polluting objects", async () => {
  const bomb = `a: &a [x,x]\n${Array.from({ length: 20 }, (_, i) => `b${i}: &b${i} [*${i === 0 ? "a" : `b${i - 1}`},*a]`).join("\n")}`;
  const { tracker, project } = desk({
    "1.md": `---\ntitle: t\n${bomb}\n---\n`,
    "2.md": `---\ntitle: ${"[".repeat(15_000)}\n---\n`,
    "3.md": `---\n${"x: y\n".repeat(10_000)}---\n`,
    "4.md": "---\n__proto__: {polluted: yes}\ntitle: fine\n---\n",
    "5.md": "---\ntitle: !!js/function 'x'\n---\n",
    "6.md": "---\ntitle: a\ntitle: b\n---\n",
    "7.md": "x".repeat(300_000),
  });
  const began = performance.now();
  for (const id of ["1", "2", "3", "6", "7"])
    expect(await failure(tracker.getIssue(id, project)), id).toMatch(/\d\.md/);
  expect(performance.now() - began).toBeLessThan(2_000);
  expect((await tracker.getIssue("4", project)).title).toBe("fine");
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

it("never follows a link out of the project", async () => {
  const { tracker, project, folder } = desk();
  const outside = tempDir("ao-outside");
  writeFileSync(join(outside, "9-secret.md"), "secret");
  symlinkSync(join(outside, "9-secret.md"), join(folder, "9-secret.md"));
  expect(await failure(tracker.getIssue("9", project))).not.toMatch(/NOT_FOUND|"secret"/);
  const linked = desk();
  symlinkSync(outside, join(linked.project.path, "linked"));
  const other = tempDir("ao-issues");
  mkdirSync(join(other, ".ao"));
  symlinkSync(outside, join(other, ".ao", "issues"));
  expect(await failure(tracker.getIssue("9", projectConfig({ path: other })))).toMatch(
    /^REFUSED: .*is a link out of the project/,
  );
});

it("assigns unused numbers, even to many issues at once and next to the user's files", async () => {
  const { tracker, project, folder } = desk({ "0041-by-hand.md": "x" });
  const made = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      tracker.createIssue({ title: `Issue ${index}`, description: "d" }, project),
    ),
  );
  expect(made.map((issue) => Number(issue.id)).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 10 }, (_, i) => 42 + i),
  );
  expect(made[0]?.url).toMatch(/42-issue-0\.md$/);
  expect(statSync(join(folder, "42-issue-0.md")).mode & 0o777).toBe(0o644);
});

it("appends a comment with the file's own line endings, and changes nothing before it", async () => {
  const before = "---\r\ntitle: a\r\n---\r\ntext";
  const { tracker, project, read } = desk({ "1.md": before });
  await tracker.commentIssue("1", "hello\nworld\n", project);
  expect(read("1.md")).toMatch(/^---\r\ntitle: a\r\n---\r\ntext\r\n\r\n## Comment of \S+Z\r\n\r\nhello\r\nworld\r\n$/);
});

it("takes the title from the heading or the file's name if none is given", async () => {
  const { tracker, project } = desk({
    "4.md": '---\ntitle: "two\\nlines\\0"\n---\n',
    "1-x.md": "intro\n# The heading\n",
    "2-fix_the-login.md": "",
    "3.md": "",
  });
  const titles = (await tracker.listIssues({}, project)).map((issue) => issue.title);
  expect(titles).toEqual(["The heading", "fix the login", "3.md", "two lines"]);
});

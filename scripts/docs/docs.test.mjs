import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { filesBelow, root } from "../lib.mjs";
import { ansiToSvg, readAnsi } from "../picture/ansi-to-svg.mjs";
import { inOrder } from "./found.mjs";
import { generatedFiles } from "./generate.mjs";

const pages = [
  "README.md",
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  ...filesBelow("docs", isPage),
  ...filesBelow("examples", isPage),
];

function isPage(path) {
  return path.endsWith(".md");
}

const read = (path) => readFileSync(join(root, path), "utf8");

it("every generated page is up to date with `npm run docs`", async () => {
  for (const [path, text] of await generatedFiles()) expect(read(path), path).toBe(text);
});

it("commands are in the order of their groups, then of their positions, and named like their files", () => {
  const spec = (name, group, position) => ({ name, group, position });
  const specs = {
    "config-show": spec("config show", "set-up", 10),
    kill: spec("kill", "work", 20),
    send: spec("send", "work", 10),
    attach: spec("attach", "work", 10),
  };
  const files = inOrder(specs, ["work", "set-up"]).map(({ file }) => file);
  expect(files).toEqual(["attach", "send", "kill", "config-show"]);
  expect(() => inOrder({ end: specs.kill }, ["work"])).toThrow("commands/end.ts: `spec.name`");
});

/** A heading's anchor as forges make it. */
const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

const anchorsOf = (text) => [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading));

it("every link in the docs leads to an existing file and heading", () => {
  const broken = pages.flatMap((page) => {
    const text = read(page).replace(/^```[\s\S]*?^```$/gm, "");
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
    return links
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path, anchor] = target.split("#");
        const file = path === "" ? page : join(dirname(page), path);
        if (!existsSync(join(root, file))) return true;
        return anchor !== undefined && file.endsWith(".md") && !anchorsOf(read(file)).includes(anchor);
      })
      .map((target) => `${page}: ${target}`);
  });
  expect(broken).toEqual([]);
});

it("the index links to every page, and so does the index of the decisions", () => {
  const reached = (index) => [...read(index).matchAll(/\]\(([^)#\s]+)/g)].map(([, path]) => join(dirname(index), path));
  const wanted = filesBelow("docs", isPage).filter((page) => !page.endsWith("README.md"));
  const known = ["docs/README.md", "docs/decisions/README.md", "docs/commands/README.md"].flatMap(reached);
  expect(wanted.filter((page) => !known.includes(page))).toEqual([]);
});

it("the plugin in CONTRIBUTING.md, and in the README of the types, is the example, line for line", () => {
  const text = read("CONTRIBUTING.md");
  expect(read("packages/core/README.md")).toContain(read("examples/notifier-file/notify-file.ts"));
  for (const file of ["notify-file.ts", "agent-orchestrator.yaml"]) {
    expect(text).toContain(`\n${read(join("examples/notifier-file", file)).trim()}\n\`\`\``);
  }
});

it("a terminal's text becomes a picture with each word in its column, and none of it becomes markup", () => {
  const text = "\u001b[1mtitle\u001b[22m  \u001b[36m<b>&\u001b[39m 🔔 ok\n";
  const [runs] = readAnsi(text);
  expect(runs.map(({ text: words, column, style }) => [words, column, style])).toEqual([
    ["title", 0, { bold: true }],
    ["<b>&", 7, { bold: false, dim: false, colour: "#5fc9c9" }],
    ["🔔", 12, { bold: false, dim: false, colour: undefined }],
    ["ok", 15, { bold: false, dim: false, colour: undefined }],
  ]);
  const svg = ansiToSvg(text, { columns: 80, title: "x" });
  expect(svg).toContain(">&lt;b>&amp;</text>");
});

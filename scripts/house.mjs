#!/usr/bin/env node
// The house rules that the linter lacks: who may import whom and name what, the injected world, one writer, sizes. `node scripts/house.mjs [root]`.
import { readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { checkPluginNames, pluginNames } from "./house/plugin-names.mjs";
import { checkCalls, checkImports } from "./house/rules.mjs";
import { classSizes, fileLines, functionSizes, LIMITS, percentile } from "./house/sizes.mjs";
import { readSource } from "./house/source.mjs";

const SKIPPED = new Set(["node_modules", "dist", "fixtures", ".git", ".tools"]);

function sourceFiles(root) {
  const files = [];
  for (const base of ["packages", "plugins"]) {
    for (const entry of readdirSync(join(root, base), { recursive: true, withFileTypes: true })) {
      const path = relative(root, join(entry.parentPath, entry.name));
      const parts = path.split("/");
      if (!entry.isFile() || !/\.tsx?$/.test(path) || parts[2] !== "src") continue;
      if (parts.some((part) => SKIPPED.has(part))) continue;
      files.push(path);
    }
  }
  return files.sort();
}

/** Tests and test support are exempt from the rules, but not from the file size. */
const isTest = (file) =>
  /\.test\.tsx?$/.test(file) || file.startsWith("packages/testkit/") || /\/testing(\/|\.ts$)/.test(file);

function check(root) {
  const problems = [];
  const names = pluginNames(root);
  const sizes = { files: [], functions: [], classes: [] };
  for (const file of sourceFiles(root)) {
    const source = readSource(root, file);
    const add = (found) => problems.push(...found.map((problem) => ({ file, ...problem })));
    add(source.errors.map((error) => ({ line: 1, rule: "syntax", text: error.message })));
    const lines = fileLines(source);
    sizes.files.push(lines);
    if (lines > LIMITS.file) add([{ line: 1, rule: "file-size", text: `${lines} lines, at most ${LIMITS.file}` }]);
    if (isTest(file)) continue;
    add(checkImports(source));
    add(checkCalls(source));
    add(checkPluginNames(source, names));
    for (const { line, size } of functionSizes(source)) {
      sizes.functions.push(size);
      if (size > LIMITS.function)
        add([{ line, rule: "function-size", text: `${size} lines, at most ${LIMITS.function}` }]);
    }
    for (const { line, size } of classSizes(source)) {
      sizes.classes.push(size);
      if (size > LIMITS.class) add([{ line, rule: "class-size", text: `${size} lines, at most ${LIMITS.class}` }]);
    }
  }
  return { problems, sizes };
}

function budgets({ files, functions, classes }) {
  const rows = [
    ["file lines, median", percentile(files, 0.5), LIMITS.fileMedian],
    ["file lines, p90", percentile(files, 0.9), LIMITS.fileP90],
    ["file lines, max", Math.max(0, ...files), LIMITS.file],
    ["function lines, p90", percentile(functions, 0.9), LIMITS.functionP90],
    ["function lines, max", Math.max(0, ...functions), LIMITS.function],
    ["class lines, max", Math.max(0, ...classes), LIMITS.class],
  ];
  console.log(`house: ${files.length} files, ${functions.length} functions, ${classes.length} classes`);
  for (const [name, value, limit] of rows) {
    console.log(`  ${name.padEnd(21)} ${String(value).padStart(4)}  of ${limit}${value > limit ? "  too much" : ""}`);
  }
  return rows.filter(([, value, limit]) => value > limit).length;
}

const root = resolve(process.argv[2] ?? join(import.meta.dirname, ".."));
const { problems, sizes } = check(root);
for (const { file, line, rule, text } of problems) console.error(`${file}:${line}  ${rule}  ${text}`);
const over = budgets(sizes);
if (problems.length > 0) console.error(`house: ${problems.length} problems`);
process.exitCode = problems.length + over > 0 ? 1 : 0;

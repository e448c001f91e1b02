import { walk } from "./source.mjs";

export const LIMITS = { file: 300, fileMedian: 90, fileP90: 200, function: 60, functionP90: 30, class: 150 };

/** Classes that are larger for now, with their size. A row goes when its class is split, and none is added. */
export const LARGE_CLASSES = {
  "packages/core/src/engine/engine.ts": 202,
  "packages/daemon/src/config/configs.ts": 203,
};

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

/** The lines of a file, without blank ones at its end. */
export const fileLines = (source) => source.text.trimEnd().split("\n").length;

const CLASSES = new Set(["ClassDeclaration", "ClassExpression"]);

/** Every function with its length in non-blank lines. */
export const functionSizes = (source) => sizesOf(source, FUNCTIONS);

/** Every class with its length in non-blank lines. */
export const classSizes = (source) => sizesOf(source, CLASSES);

function sizesOf(source, types) {
  const lines = source.text.split("\n");
  const sizes = [];
  walk(source.program, (node) => {
    if (!types.has(node.type) || !node.body) return;
    const first = source.lineOf(node.start);
    const last = source.lineOf(node.end);
    const size = lines.slice(first - 1, last).filter((line) => line.trim() !== "").length;
    sizes.push({ line: first, size });
  });
  return sizes;
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

// A second reporter for vitest. It writes what failed, and what passed only on its second attempt, to a file that `.ci/run` prints last,
// where a truncated log still shows it.
import { appendFileSync } from "node:fs";
import { relative } from "node:path";
import { root } from "./lib.mjs";

const file = process.env.AO_TEST_REPORT;
/** Enough of an error to identify it. */
const LINES = 12;

/** Adds lines to the report of this run, if there is one. */
export function report(...lines) {
  if (file !== undefined) appendFileSync(file, lines.map((line) => `${line}\n`).join(""));
}

const wordsOf = (errors) =>
  errors.flatMap(({ message = "", stacks = [] }) => [
    ...message.split("\n").slice(0, LINES),
    ...stacks.slice(0, 1).map(({ file: at, line }) => `at ${relative(root, at)}:${line}`),
  ]);

export default class Report {
  onTestRunEnd(modules, errors) {
    report(...wordsOf(errors).map((line) => `error outside a test: ${line}`));
    for (const module of modules) {
      const name = relative(root, module.moduleId);
      report(...wordsOf(module.errors()).map((line) => `${name}: ${line}`));
      for (const test of module.children.allTests()) {
        const { state, errors: found = [] } = test.result();
        const isFlaky = test.diagnostic()?.flaky === true;
        if (state !== "failed" && !isFlaky) continue;
        report(`${isFlaky ? "passed on its second try" : "FAILED"}: ${name} > ${test.fullName}`);
        report(...wordsOf(found).map((line) => `    ${line}`));
      }
    }
  }
}

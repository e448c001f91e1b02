import { defineConfig } from "vitest/config";

/**
 * In CI, where other work on the machine can make any deadline pass, a test has a second try, and the report at the end names it. The
 * nightly tier gives none.
 */
const retry = process.env.CI !== undefined && process.env.AO_TEST_TIER !== "nightly" ? 1 : 0;
/** Beside the test it belongs to. Run by `npm run test:long`, because `npm test` has to stay under eight minutes. */
const LONG = "**/*.long.test.ts";
/** A long test whose figures other work on the machine would spoil. Runs after the others, by itself. */
const ALONE = "**/*.alone.long.test.ts";
/** What a reduced run leaves out. The command line's `--exclude` does not reach the projects. */
const leftOut = (process.env.AO_TEST_LEAVE_OUT ?? "").split(" ").filter(Boolean);
const shared = { resolve: { conditions: ["source"] }, ssr: { resolve: { conditions: ["source"] } } };

/**
 * `npm test` runs `unit` (beside the sources) and `e2e` (with the built binary), `npm run test:long` runs `long`, `npm run test:web` runs `web` (with a real browser), and `npm run test:agents`
 * runs `agents` (with the real agents).
 */
export default defineConfig({
  ...shared,
  test: {
    pool: "forks",
    // Most tests wait for other programs half of their time, so two cores have time for three of them.
    maxWorkers: 3,
    reporters: process.env.AO_TEST_REPORT === undefined ? ["default"] : ["default", "./scripts/report.mjs"],
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          include: [
            "packages/*/src/**/*.test.ts",
            "plugins/*/src/**/*.test.ts",
            "examples/**/*.test.ts",
            "scripts/**/*.test.mjs",
          ],
          exclude: [LONG, ...leftOut, "**/node_modules/**"],
          retry,
          // Files share their imports, which takes a third of the time. What a test changes in its process, it restores.
          isolate: false,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        ...shared,
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          exclude: ["e2e/agents/**", LONG, "**/node_modules/**"],
          globalSetup: ["e2e/support/build-once.ts"],
          retry,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: "long",
          include: [LONG],
          exclude: [ALONE, "**/node_modules/**"],
          globalSetup: ["e2e/support/build-once.ts"],
          retry,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: "alone",
          include: [ALONE],
          exclude: ["**/node_modules/**"],
          globalSetup: ["e2e/support/build-once.ts"],
          retry,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: "web",
          include: ["packages/web/e2e/**/*.test.ts"],
          globalSetup: ["e2e/support/build-once.ts"],
          retry,
          // They measure, too, so nothing else runs beside them.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: "agents",
          include: ["e2e/agents/**/*.test.ts"],
          globalSetup: ["e2e/support/build-once.ts"],
          retry,
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});

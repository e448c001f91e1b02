import { defineConfig } from "vitest/config";

/**
 * In CI, where other work on the machine can make any deadline pass, a test has a second try, and the report at the end names it. The
 * nightly tier gives none.
 */
const retry = process.env.CI !== undefined && process.env.AO_TEST_TIER !== "nightly" ? 1 : 0;
const shared = { resolve: { conditions: ["source"] }, ssr: { resolve: { conditions: ["source"] } } };

/** `unit` beside the sources, `e2e` with the built binary, `agents` with the real agents (only by `npm run test:agents`). */
export default defineConfig({
  ...shared,
  test: {
    pool: "forks",
    maxWorkers: 2,
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
          retry,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        ...shared,
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          exclude: ["e2e/agents/**", "**/node_modules/**"],
          globalSetup: ["e2e/support/build-once.ts"],
          retry,
          testTimeout: 120_000,
          hookTimeout: 60_000,
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

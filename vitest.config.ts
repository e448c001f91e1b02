import { defineConfig } from "vitest/config";

/** `unit` beside the sources, `e2e` with the built binary, `agents` with the real agents (only by `npm run test:agents`). */
const shared = { resolve: { conditions: ["source"] }, ssr: { resolve: { conditions: ["source"] } } };

export default defineConfig({
  ...shared,
  test: {
    pool: "forks",
    maxWorkers: 2,
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
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});

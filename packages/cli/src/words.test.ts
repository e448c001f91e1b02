import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fakeDaemon } from "./testing/fake-daemon.ts";
import { buildAo, runAo } from "./testing/run-ao.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

it("sends piped text without its last newline, and says so if the agent cannot confirm it", async () => {
  const home = tempDir();
  const message = { id: "m1", session: "app-1", state: "unconfirmed", heldFor: null, text: "yes" } as const;
  const daemon = await fakeDaemon(home, { send: () => message });
  const sent = await runAo(["send", "app-1", "-"], { home, ao, input: "yes\n" });
  expect(daemon.of("send")[0]?.params).toMatchObject({ text: "yes" });
  expect(sent.stdout).toBe("delivered to app-1, which cannot confirm it · message m1 · yes\n");
});

it("says that nothing is due before it lists what will be", async () => {
  const home = tempDir();
  const dueAt = "2999-01-01T00:00:00.000Z";
  const row = {
    session: "app-1",
    status: "killed",
    reason: "killed",
    dueAt,
    isDue: false,
    isDone: false,
    problem: null,
  };
  await fakeDaemon(home, { cleanup: () => [row as never] });
  expect((await runAo(["cleanup"], { home, ao })).stdout).toMatch(/^Nothing is due yet\.\napp-1 {2}killed {2}due 2/);
});

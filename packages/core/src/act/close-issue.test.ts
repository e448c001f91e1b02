import { memoryWorld } from "@agent-orchestrator/testkit/memory/world";
import { projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { aRecord } from "@agent-orchestrator/testkit/records";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import type { ActCall } from "./call.ts";
import { closeIssue } from "./pull-request.ts";

test.each(["tracker.isCompleted", "tracker.updateIssue"])(
  "an issue is left when %s does not answer",
  async (method) => {
    const world = memoryWorld({ home: tempDir("ao-act") });
    const { signal } = new AbortController();
    const call = {
      project: projectConfig(),
      plugins: world.plugins(aRecord()),
      clock: world.clock,
      signal,
    } as unknown as ActCall;
    const issueId = world.tracker.seed({ title: "One", description: "" });
    world.faults.always(method, "hang");
    const closing = closeIssue(call, { issueId, comment: "done" }).catch((error: unknown) => error);
    await world.clock.pass(60_000);
    expect(await closing).toMatchObject({
      code: "UNREACHABLE",
      message: expect.stringMatching(/tracker .* within 60 s/),
    });
    expect([...world.faults.unsignalled]).toEqual([]);
  },
);

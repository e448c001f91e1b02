import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeDaemon } from "./testing/fake-daemon.ts";
import { buildAo, type RunOptions, startAo } from "./testing/run-ao.ts";
import { META, NOW, view } from "./testing/views.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

const at = (home: string, more: Partial<RunOptions> = {}): RunOptions => ({ home, ao, ...more });

describe("streams", () => {
  const event = (seq: number) => ({
    seq,
    id: `e${seq}`,
    ts: NOW,
    type: "ci.failing",
    priority: "warning",
    projectId: "my-app",
    sessionId: "app-1",
    message: `m${seq}`,
    data: {},
  });

  it("prints one document per change for status --watch --json, and continues when the daemon is replaced", async () => {
    const home = tempDir();
    let count = 0;
    await fakeDaemon(home, {
      status: async (_asked, wire) => {
        count += 1;
        wire.send({ type: "item", data: { data: [view({ id: `app-${count}` })], meta: META } });
        if (count === 1) wire.hangUp();
        await wire.closed;
      },
    });
    const watching = startAo(["status", "--watch", "--json"], at(home));
    await waitFor(() => watching.stdout().includes("app-2"), { what: "the second picture" });
    const documents = watching
      .stdout()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(documents.map(({ data }) => data[0].id)).toEqual(["app-1", "app-2"]);
    expect(documents[0].meta).toEqual(META);
  });

  it("follows events over a lost connection without a gap or a repetition", async () => {
    const home = tempDir();
    const daemon = await fakeDaemon(home, {
      events: async ({ params }, wire) => {
        const after = params.afterSeq as number | undefined;
        for (const seq of after === undefined ? [1, 2] : [2, 3]) wire.send({ type: "item", data: event(seq) });
        if (after === undefined) wire.hangUp();
        await wire.closed;
      },
    });
    const following = startAo(["events", "--follow", "--json"], at(home));
    await waitFor(() => following.stdout().includes("m3"), { what: "the third event" });
    const lines = following
      .stdout()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ data }) => data[0].seq)).toEqual([1, 2, 3]);
    expect(daemon.of("events")[1]?.params.afterSeq).toBe(2);
  });

  it("ends quietly when the reader closes the pipe", async () => {
    const home = tempDir();
    await fakeDaemon(home, { events: () => Array.from({ length: 5_000 }, (_, seq) => event(seq)) });
    const listing = startAo(["events"], at(home));
    listing.child.stdout?.destroy();
    expect(await listing.ended).toMatchObject({ status: 0, stderr: "" });
  });
});

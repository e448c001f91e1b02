import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeDaemon, WithMeta } from "./testing/fake-daemon.ts";
import { buildAo, type RunOptions, runAo } from "./testing/run-ao.ts";
import { META, view } from "./testing/views.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

const at = (home: string, more: Partial<RunOptions> = {}): RunOptions => ({ home, ao, ...more });

describe("asking the daemon", () => {
  it("sends the folder, the caller, the config and the environment", async () => {
    const home = tempDir();
    const daemon = await fakeDaemon(home, { spawn: () => [view()] });
    const env = { AO_SESSION_ID: "app-9", SECRET: "s" };
    await runAo(["spawn", "42", "--config", "my.yaml"], at(home, { env }));
    const [{ caller, params } = { caller: null, params: null }] = daemon.of("spawn");
    expect(params).toEqual({ words: ["42"] });
    expect(caller).toMatchObject({
      cwd: home,
      configPath: join(home, "my.yaml"),
      sessionId: "app-9",
      build: "1.2.3+test",
    });
    expect(caller?.env?.SECRET).toBe("s");
    expect(caller?.wishId).toMatch(/^[a-z2-7]{16}$/);
  });

  it("repeats the same wish if the connection is lost", async () => {
    const home = tempDir();
    let count = 0;
    const daemon = await fakeDaemon(home, {
      spawn: (_asked, wire) => {
        count += 1;
        wire.send({ type: "progress", text: "starting" });
        if (count < 3) wire.hangUp();
        return [view()];
      },
    });
    const { status, stdout, stderr } = await runAo(["spawn", "42", "--json"], at(home));
    expect(status).toBe(0);
    expect(JSON.parse(stdout).data[0].id).toBe("app-1");
    expect(stderr).toContain("trying again");
    expect(new Set(daemon.of("spawn").map(({ caller }) => caller.wishId)).size).toBe(1);
    expect(daemon.of("spawn")).toHaveLength(3);
  });

  it("gives up with 75 if the outcome is unknown", async () => {
    const home = tempDir();
    await fakeDaemon(home, { spawn: (_asked, wire) => wire.hangUp() });
    expect((await runAo(["spawn", "42"], at(home))).status).toBe(75);
  });

  it("removes escape sequences from the daemon's words", async () => {
    const home = tempDir();
    const title = "evil \u001b]0;owned\u0007\u001b[2Jtitle\nline";
    await fakeDaemon(home, { status: () => new WithMeta([view({ issue: { id: "42", title, url: "" } })], META) });
    const { stdout } = await runAo(["status"], at(home));
    expect(stdout).toContain("evil title line");
    expect(stdout).not.toContain("\u001b");
  });

  it("stores a hook's report while no daemon is running", async () => {
    const home = tempDir();
    const ran = await runAo(
      ["report", "done", "--note", "all\nthrough"],
      at(home, { env: { AO_SESSION_ID: "app-1" } }),
    );
    expect(ran.status).toBe(0);
    const folder = join(home, "daemon/spool/new");
    const [name = ""] = readdirSync(folder);
    const fact = JSON.parse(readFileSync(join(folder, name), "utf8"));
    expect(fact).toEqual({ kind: "report", session: "app-1", state: "done", note: "all\nthrough" });
    expect(readdirSync(join(home, "daemon/spool/tmp"))).toEqual([]);
  });
});

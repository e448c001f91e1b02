import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DoorClient } from "@agent-orchestrator/testkit/door-client";
import { freePort } from "@agent-orchestrator/testkit/free-port";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

it("opens one session, a project or all, in the terminal of the config and with the environment of whoever asks", async () => {
  const port = await freePort();
  box = new Sandbox({
    top: `port: ${port}`,
    project: '    terminal: { plugin: command, open: [my-terminal, "{session}", "{attach}"] }',
  });
  const [bin, out] = [join(box.dir, "my-terminal"), join(box.dir, "opened")];
  writeFileSync(bin, '#!/bin/sh\necho "$WHO $*" >> "$OPENED"\n', { mode: 0o755 });
  expect((await box.ao("trust")).status).toBe(0);
  await box.json("spawn", "app", "1", "2");
  const env = { PATH: `${box.dir}:${box.env.PATH}`, OPENED: out, WHO: "me" };
  const opened = () => (existsSync(out) ? readFileSync(out, "utf8").trim().split("\n") : []);
  const one = await box.aoWith({ env }, "open", "app-1");
  expect([one.stdout, one.stderr]).toEqual(["opened app-1\n", ""]);
  await waitFor(() => opened().length === 1);
  expect(opened()[0]).toMatch(/^me app-1 env -u TMUX .* attach-session -t =\S+app-1:$/);
  for (const target of ["app", "all"])
    expect((await box.aoWith({ env }, "open", target)).stdout).toBe("opened app-1\nopened app-2\n");
  await waitFor(() => opened().length === 5);
  const nothing = await box.ao("open", "nobody");
  expect(nothing.status).toBe(66);
});

it("shows the link to the session's page where there is no browser", async () => {
  const port = await freePort();
  box = new Sandbox({ top: `port: ${port}` });
  expect((await box.ao("trust")).status).toBe(0);
  await box.json("spawn", "app", "1");
  const { status, stderr } = await box.aoWith({ env: { DISPLAY: "", WAYLAND_DISPLAY: "" } }, "open", "app-1");
  expect(status).toBe(69);
  const [link = ""] = /http:\/\/\S+/.exec(stderr.replaceAll(/\s*\n\s*/g, " ")) ?? [];
  expect(new URL(link).pathname).toBe("/s/app-1");
  await DoorClient.enter(link);
});

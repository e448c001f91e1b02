import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Stage } from "./testing/stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
  await stage.untilState("ready");
});
afterEach(async () => {
  await stage.close();
});

const deliver = (id: string, text = "hello") =>
  stage.agent.deliver(stage.session, { id, text }, { terminal: stage.terminal });

test("no message is started twice, whoever asks again", async () => {
  await deliver("m1");
  expect(await deliver("m1")).toEqual({ outcome: "written" });
  await stage.watch();
  await stage.untilState("ready");
  expect(await deliver("m1")).toEqual({ outcome: "written" });
  expect(stage.server.callsOf("turn/start")).toHaveLength(1);
});

test("what a killed daemon only noted is started once it is certain that it never arrived", async () => {
  writeFileSync(join(stage.session.sessionDir, "codex-sent.json"), JSON.stringify(["m1"]));
  await stage.watch();
  await stage.untilState("ready");
  stage.server.tell("turn/started", { turn: { id: "turn-1", status: "inProgress" } });
  await stage.untilState("active");
  expect(await deliver("m1")).toEqual({ outcome: "deferred", because: "busy" });
  expect(stage.server.callsOf("turn/start")).toHaveLength(0);
  stage.server.tell("turn/completed", { turn: { id: "turn-1", status: "completed" } });
  await stage.untilState("ready");
  expect(await deliver("m1")).toEqual({ outcome: "written" });
  expect(stage.server.callsOf("turn/start")).toHaveLength(1);
});

test("a message passes by a draft that was forgotten, and leaves it alone", async () => {
  const rows = ["", "› half a th"];
  stage.screen = { rows, styledRows: null, cursor: { column: 11, row: 1 }, title: null };
  const message = { id: "m1", text: "hello" };
  const options = { terminal: stage.terminal, isDraftOld: true };
  expect(await stage.agent.deliver(stage.session, message, options)).toEqual({ outcome: "written" });
});

import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { COMMANDS } from "./table.ts";
import { TABLE } from "./testing/every-answer.ts";
import { fakeDaemon, type Reply } from "./testing/fake-daemon.ts";
import { runInside } from "./testing/run-inside.ts";

/** Other tests cover these, or they print no answer of the daemon. */
const ELSEWHERE = [
  "demo",
  "interrupt",
  "attach",
  "exec",
  "diff",
  "stop",
  "uninstall",
  "restart",
  "logs",
  "config schema",
  "completion",
  "complete",
];

it("the table has every command", () => {
  const tested = TABLE.map(([argv]) => argv.join(" "));
  const missing = COMMANDS.map(({ name }) => name).filter(
    (name) => !ELSEWHERE.includes(name) && !tested.some((line) => line === name || line.startsWith(`${name} `)),
  );
  expect(missing, "each needs a row in testing/every-answer.ts").toEqual([]);
});

it.each(TABLE)(
  "ao %j prints every answer to %s, as text and JSON, narrow and wide",
  async (argv, request, answers) => {
    const home = tempDir();
    let answer: unknown;
    const reply: Reply = () => answer;
    await fakeDaemon(home, { [request]: reply });
    for (const [at, each] of answers.entries()) {
      answer = each;
      const what = JSON.stringify(answer).slice(0, 2_000);
      for (const columns of [40, 200]) {
        const { status, stdout, stderr } = await runInside(argv, { home, columns });
        expect([0, 1, 69], `${stderr}\n${what}`).toContain(status);
        expect(stdout + stderr, what).not.toMatch(/undefined|\[object|NaN|Invalid Date|Cannot read|is not a function/);
        expect(stdout + stderr, what).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
      }
      if (at >= 20) continue; // as JSON it is handed on whole
      const json = await runInside([...argv, "--json"], { home });
      expect(json.stderr, what).toBe("");
      if (json.stdout !== "" || !argv.includes("--line")) expect(JSON.parse(json.stdout), what).toHaveProperty("data");
    }
  },
  120_000,
);

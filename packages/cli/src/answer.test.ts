import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { AnswerResult } from "@agent-orchestrator/core/protocol/results";
import type { ParamsOf } from "@agent-orchestrator/daemon/requests";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FakeDaemon, fakeDaemon } from "./testing/fake-daemon.ts";
import { buildAo, runAo } from "./testing/run-ao.ts";
import { runOnTty } from "./testing/run-on-tty.ts";
import { view } from "./testing/views.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

const question: SessionView["question"] = {
  dialogId: "d1",
  kind: "permission",
  text: "May I run `make`?\nIt builds.",
  choices: ["Yes", "No"],
  takesText: false,
  canAlways: false,
  onlyInTerminal: null,
};
const result = (session: string, more: Partial<AnswerResult> = {}): AnswerResult => ({
  session,
  dialogId: `d-${session}`,
  question: "May I run `make`?",
  choice: "Yes",
  number: 1,
  isAlways: false,
  problem: null,
  ...more,
});

/** Two sessions ask the same question. When it is answered, app-2 asks something else. */
function twoAlike(home: string): Promise<FakeDaemon> {
  return fakeDaemon(home, {
    show: () => view({ status: "needs_input", question }),
    answer: ({ params }) => {
      const { isAll, dialogs } = params as unknown as ParamsOf<"answer">;
      if (isAll === true && dialogs !== undefined)
        return [result("app-1"), result("app-2", { problem: "it asks something else now" })];
      return isAll === true ? [result("app-1"), result("app-2")] : [result("app-1")];
    },
  });
}

describe("ao answer --all", () => {
  it("shows what would be answered, and answers exactly that if the user agrees", async () => {
    const home = tempDir();
    const daemon = await twoAlike(home);
    const tty = runOnTty(["answer", "--all", "yes"], { home, ao });
    await waitFor(() => tty.seen().includes("answer 1 Yes to app-1, app-2? [y/N]"), { what: "the question" });
    expect(tty.seen()).toContain("May I run `make`?");
    tty.type("y\r");
    expect(await tty.ended).toBe(1);
    expect(tty.seen()).toContain("app-2: not answered: it asks something else now");
    expect(daemon.of("answer").map(({ params }) => params)).toEqual([
      { session: null, words: "yes", isAll: true, isDryRun: true },
      {
        session: null,
        words: "yes",
        isAll: true,
        dialogs: [
          { session: "app-1", dialogId: "d-app-1" },
          { session: "app-2", dialogId: "d-app-2" },
        ],
      },
    ]);
  });

  it("answers nothing if the user says no, or if there is no terminal to ask on", async () => {
    const home = tempDir();
    const daemon = await twoAlike(home);
    const tty = runOnTty(["answer", "app-1", "1", "--all"], { home, ao });
    await waitFor(() => tty.seen().includes("[y/N]"), { what: "the question" });
    tty.type("\r");
    expect(await tty.ended).toBe(1);
    const { status, stderr } = await runAo(["answer", "app-1", "1", "--all"], { home, ao });
    expect({ status, stderr }).toMatchObject({ status: 73, stderr: expect.stringContaining("--yes") });
    expect(daemon.of("answer").map(({ params }) => params.isDryRun)).toEqual([true, true]);
  });
});

describe("ao answer without a choice", () => {
  it("asks on a terminal, and answers the dialog that was shown", async () => {
    const home = tempDir();
    const daemon = await twoAlike(home);
    const tty = runOnTty(["answer", "app-1"], { home, ao });
    await waitFor(() => tty.seen().includes("answer: "), { what: "the prompt" });
    expect(tty.seen()).toContain("2. No");
    tty.type("1\r");
    expect(await tty.ended).toBe(0);
    expect(daemon.of("answer").map(({ params }) => params)).toEqual([
      { session: "app-1", words: "1", dialogs: [{ session: "app-1", dialogId: "d1" }] },
    ]);
  });

  it("lets the daemon say what is missing if there is no terminal to ask on", async () => {
    const home = tempDir();
    const daemon = await twoAlike(home);
    await runAo(["answer", "app-1"], { home, ao });
    expect(daemon.of("answer").map(({ params }) => params)).toEqual([{ session: "app-1", words: "" }]);
  });
});

import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import { kinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";

scenario({
  name: "killed with -9, shown as exited, and restored into the same conversation",
  needs: "restore",
  options: { scripts: ["%%write kept.txt|kept ;; %%say remember the word heliotrope"] },
  async play(box) {
    await box.begin();
    const { pid } = await box.view("app-1");
    const [before] = box.model.truth.saying("mark of app-1");
    process.kill(pid ?? 0, "SIGKILL");
    box.mark("app-1", "exited", "killed");
    await box.until("app-1", ({ activity, status }) => activity?.state === "exited" || status === "errored", "its end");
    await waitFor(() => box.notices().find(({ type }) => /exited|ended|died/.test(type)), {
      timeoutMs: 30_000,
      what: "the notice of its end",
    });
    box.mark("app-1", "unknown", "being restored");
    expect(await box.ao("restore", "app-1")).toMatchObject({ status: 0 });
    await box.say("app-1", "after the crash %%say still here");
    await box.untilHeard("after the crash");
    await box.untilResting("app-1");
    const [after] = box.model.truth.saying("after the crash");
    expect(after?.id).toBe(before?.id);
    expect(after?.users.join("\n")).toContain("mark of app-1");
  },
});

scenario({
  name: "after a reboot of the machine it is shown as exited, and restored into the same conversation",
  needs: "restore",
  options: { scripts: ["%%say ready"] },
  async play(box) {
    await box.begin();
    const [before] = box.model.truth.saying("mark of app-1");
    const { pid } = await box.view("app-1");
    await box.kill9();
    box.mark("app-1", "unknown", "the machine goes down");
    if (box.kind.runtime === undefined) box.tmux("kill-server");
    else process.kill(pid ?? 0, "SIGKILL");
    await box.start();
    await box.until("app-1", ({ activity, status }) => activity?.state === "exited" || status === "errored", "its end");
    expect(await box.ao("restore", "app-1")).toMatchObject({ status: 0 });
    await box.say("app-1", "after the reboot %%say still here");
    await box.untilResting("app-1");
    const [after] = box.model.truth.saying("after the reboot");
    expect(after?.id).toBe(before?.id);
    expect(after?.users.join("\n")).toContain("mark of app-1");
  },
});

scenario({
  name: "an agent whose user leaves it has exited",
  needs: "exit",
  options: { scripts: ["%%say done"] },
  async play(box) {
    await box.begin();
    box.mark("app-1", "unknown", "the user leaves");
    for (const words of box.kind.leave) {
      box.type("app-1", words);
      await new Promise((resolve) => setTimeout(resolve, 500)); // at a person's typing speed
    }
    await box.until("app-1", ({ activity, status }) => activity?.state === "exited" || status !== "working", "its end");
  },
});

scenario({
  name: "three agents in parallel keep their own conversations and their own states",
  needs: "edit",
  options: {
    scripts: [1, 2, 3].map(
      (n) =>
        `%%slow ${n} ;; %%write w${n}.txt|${n} ;; %%sh git add -A && git commit -qm w${n} ;; %%slow ${4 - n} ;; %%say ok`,
    ),
  },
  async play(box) {
    await box.spawn(1, 2, 3);
    await Promise.all([1, 2, 3].map((n) => box.untilHeard(`mark of app-${n}`)));
    await Promise.all([1, 2, 3].map((n) => box.untilResting(`app-${n}`)));
    for (const n of [1, 2, 3]) {
      await waitFor(() => box.repo.git("show", `feat/${n}:w${n}.txt`).trim() === String(n), { what: `work ${n}` });
      await box.say(`app-${n}`, `only for ${n} %%say yes`);
    }
    for (const n of [1, 2, 3]) {
      await box.untilHeard(`only for ${n}`);
      const heard = box.model.truth.saying(`only for ${n}`);
      expect(heard.length).toBe(1);
      expect(heard[0]?.users.join()).toContain(`mark of app-${n}`);
    }
  },
});

scenario({
  name: "a message that waits in the agent's queue when it is killed is not reported as accepted",
  needs: "queue",
  // Aider has no queue. Messages wait in `ao` while it works.
  kinds: kinds.filter(({ plugin }) => plugin !== "aider"),
  options: { scripts: ["%%say ready"] },
  async play(box) {
    await box.begin();
    // Over ACP the first word of an answer is the receipt. Here there is none, and the next message waits in `ao`.
    const queued = box.kind.plugin === "acp" ? /held/ : /accepted|written|unconfirmed/;
    await box.get("send", { session: "app-1", text: "Begin: %%slow 60 ;; %%say never", isWaiting: false });
    await box.untilHeard("Begin:");
    const { id } = await box.get("send", { session: "app-1", text: "urgent words", isUrgent: true, isWaiting: false });
    const stateOf = async () => (await box.view("app-1")).messages.find((each) => each.id === id)?.state ?? "";
    await waitFor(async () => queued.test(await stateOf()), {
      what: "the message in its queue",
    });
    process.kill((await box.view("app-1")).pid ?? 0, "SIGKILL");
    box.mark("app-1", "unknown", "killed");
    await box.until("app-1", ({ activity }) => activity?.state === "exited", "its end");
    // OpenCode's queue is in its database, and a restored agent finds it there.
    if (box.kind.plugin === "opencode") expect(await box.ao("restore", "app-1")).toMatchObject({ status: 0 });
    const isTrue = async () => {
      // The model server notices late that the agent hung up, so the truth after the kill is unknown.
      box.mark("app-1", "unknown", "killed, and perhaps restored");
      return (await stateOf()) === "unconfirmed" || box.model.truth.timesHeard("urgent words") > 0;
    };
    // Without a word from a program that is gone, `ao` does not wait long.
    const timeoutMs = box.kind.plugin === "opencode" ? 90_000 : 20_000;
    await waitFor(isTrue, { timeoutMs, what: "the truth about the message" });
  },
});

scenario({
  name: "a restore without the conversation starts a new one, and says so",
  needs: "restore",
  kinds: kinds.filter(({ plugin }) => plugin === "claude-code"),
  options: { scripts: ["%%say ready"] },
  async play(box) {
    await box.begin();
    process.kill((await box.view("app-1")).pid ?? 0, "SIGKILL");
    box.mark("app-1", "unknown", "killed");
    await box.until("app-1", ({ activity }) => activity?.state === "exited", "its end");
    rmSync(join(box.dir, ".claude", "projects"), { recursive: true });
    const restored = await box.ao("restore", "app-1");
    expect(restored).toMatchObject({ status: 0, stdout: expect.stringContaining("it began a new one") });
    await box.untilResting("app-1");
  },
});

scenario({
  name: "after the config was edited and trusted, a running agent still gets messages",
  needs: "messages",
  options: { scripts: ["%%say ready"] },
  async play(box) {
    await box.begin();
    appendFileSync(join(box.repo.path, "agent-orchestrator.yaml"), "    postCreate: ['true']\n");
    await box.trust();
    await box.say("app-1", "after the edit %%say heard");
    await box.untilHeard("after the edit");
    await box.untilResting("app-1");
  },
});

import { expect } from "vitest";
import type { AgentKind } from "./support/agent-kind.ts";
import { kinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";

const BEGIN = "%%write begun.txt|one ;; %%sh git add -A && git commit -qm begun ;; %%say the word is heliotrope";

/** The same agent under another name: a new conversation, which knows only what it is given. */
const again = ({ plugin, agentConfig }: AgentKind) =>
  `agents: { second: ${JSON.stringify({ ...agentConfig, plugin, env: { HANDED_OVER: "yes" } })} }`;

scenario({
  name: "a handoff: another conversation continues in the same checkout, and knows what was done",
  needs: "restore",
  options: (kind) => ({ scripts: [BEGIN], top: again(kind) }),
  async play(box) {
    await box.begin();
    const before = await box.view("app-1");
    box.mark("app-1", "unknown", "handed off");
    const handed = await box.ao("handoff", "app-1", "--agent", "second", "-m", "%%write ended.txt|two ;; %%say done");
    expect(handed, handed.stderr).toMatchObject({ status: 0 });
    await box.untilHeard("You take this task over from another agent");
    await box.untilResting("app-1");
    const after = await box.view("app-1");
    expect(after).toMatchObject({ agent: "second", branch: before.branch, workspacePath: before.workspacePath });
    const [second] = box.model.truth.saying("You take this task over");
    const told = second?.users.join("\n") ?? "";
    expect(told).toContain("begun.txt (+1 -0)");
    expect(told).toContain("mark of app-1");
    const transcripts = await box.ao("show", "app-1", "--prompt");
    expect(transcripts.stdout).toContain("heliotrope");
    // Aider's conversations have no ids, so the first words identify them.
    if (box.kind.plugin === "aider") expect(second?.users[0]).toContain("You take this task over");
    else expect(second?.id).not.toBe(box.model.truth.saying("mark of app-1")[0]?.id);
  },
});

/** Two agents on one machine, for a handoff from one to the other. */
const [first, other] = ["claude-code", "codex"].map((name) => kinds.find((kind) => kind.name === name));
if (first !== undefined && other !== undefined) {
  const both: AgentKind = {
    ...first,
    bin: `${first.bin}:${other.bin}`,
    env: (stage) => ({ ...first.env(stage), ...other.env(stage) }),
    seed(stage) {
      first.seed(stage);
      other.seed(stage);
    },
  };
  scenario({
    name: `a handoff from ${first.name} to ${other.name}`,
    needs: "restore",
    kinds: [both],
    options: { scripts: [BEGIN] },
    async play(box) {
      await box.begin();
      box.mark("app-1", "unknown", "handed off");
      const handed = await box.ao(
        "handoff",
        "app-1",
        "--agent",
        other.plugin,
        "-m",
        "%%write ended.txt|two ;; %%say done",
      );
      expect(handed, handed.stderr).toMatchObject({ status: 0 });
      await box.untilHeard("You take this task over from another agent (claude-code)");
      await box.untilResting("app-1");
      expect(await box.view("app-1")).toMatchObject({ agent: other.plugin, formerAgents: [first.plugin] });
    },
  });
}

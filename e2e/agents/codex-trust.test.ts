import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { AgentBox } from "./support/agent-box.ts";
import { kinds } from "./support/kinds.ts";

const codex = kinds.find(({ plugin }) => plugin === "codex");
const title = "a repository that the user never trusted is asked about, and the answer starts the work";

if (codex === undefined) it.skip(`${title} (no codex here: npm run test:agents)`);
else {
  const untrusting: typeof codex = {
    ...codex,
    seed(stage) {
      codex.seed(stage);
      const config = join(stage.home, ".codex/config.toml");
      mkdirSync(join(stage.home, ".codex"), { recursive: true });
      writeFileSync(config, readFileSync(config, "utf8").split("[projects")[0] ?? "");
    },
  };
  it(`codex ${codex.version}: ${title}`, { timeout: 120_000 }, async () => {
    const box = await AgentBox.open(untrusting, { scripts: ["%%sh echo hi > hi.txt ;; %%say done"] });
    try {
      await box.spawn(1);
      await box.get("wait", { session: "app-1", until: ["needs_input"], timeoutMs: 60_000 });
      const { question, activity } = await box.view("app-1");
      expect(activity?.source).toBe("screen");
      expect(question?.text).toContain("Trust this folder?");
      expect(question?.choices[0]).toBe("Trust and continue");
      expect(box.model.truth.timesHeard("mark of app-1")).toBe(0);
      const said = await box.ao("answer", "app-1", "1");
      expect(said, said.stderr).toMatchObject({ status: 0 });
      await box.untilHeard("mark of app-1");
      await box.untilResting("app-1");
      expect((await box.view("app-1")).activity?.source).toBe("protocol");
    } catch (error) {
      process.stderr.write(await box.diagnose());
      throw error;
    } finally {
      await box.close();
    }
  });
}

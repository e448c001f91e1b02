import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { kinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";

/** Whether a command that is on no list certainly runs without a question. In `auto` the agent's own reviewer decides. */
const MODES = { default: false, edits: false, auto: false, skip: true };

for (const [permissions, isFree] of Object.entries(MODES)) {
  scenario({
    name: `it starts with the permissions \`${permissions}\`, and works`,
    needs: "permission",
    // Aider then asks nothing, but still runs no shell command.
    kinds: isFree ? kinds.filter(({ plugin }) => plugin !== "aider") : kinds,
    options: {
      scripts: [isFree ? "%%sh sh asked.sh ;; %%say done" : "%%say done"],
      agentConfig: { permissions },
    },
    async play(box) {
      await box.begin();
      const { workspacePath, question } = await box.view("app-1");
      expect(question ?? null).toBe(null);
      expect(existsSync(join(workspacePath ?? "", "asked.txt"))).toBe(isFree);
    },
  });
}

import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { HOSTILE } from "@agent-orchestrator/testkit/variants";
import { expect, it } from "vitest";
import { widthOf } from "./output/format.ts";
import { TABLE } from "./testing/every-answer.ts";
import { fakeDaemon, WithMeta } from "./testing/fake-daemon.ts";
import { runInside } from "./testing/run-inside.ts";
import { NOW, view } from "./testing/views.ts";

/** Scripts without spaces, in which a line may end between any two characters. */
const WIDE = /[\u3000-\u9fff]/;

/** Code, scripts, and text that was given word for word. */
const VERBATIM = ["path", "config show", "init", "trust", "show app-1 --prompt", "status --line"];
const PR = {
  ...({ number: 7, url: "", state: "open", ci: "passing", review: "pending", mergeable: false } as const),
  ...{ headSha: "0123456789", baseBranch: "main", hasConflicts: false, asOf: null },
};
const EXPLANATION = { session: view(), rule: { status: "working", text: "x", since: NOW }, reactions: [], pending: [] };
const LONG = "/a/very/long/path/without/any/blank/that/no/terminal/of/forty/columns/has/room/for";
const WORDS = `The words stay whole, ${LONG} too. 日本語の文章には空白がありません 🙂 مرحبا بالعالم هذا نص طويل. ${"long ".repeat(30)}`;
const longOf = (answer: unknown): unknown =>
  answer instanceof WithMeta
    ? new WithMeta(longOf(answer.data), answer.meta)
    : JSON.parse(JSON.stringify(answer).replaceAll(JSON.stringify(HOSTILE).slice(1, -1), WORDS));
/** Signs that only some layouts have. */
const SIGN = /^[→·]$/;
const wordsOf = (text: string): string[] => text.split(/[\s│,:]+/).filter((word) => word !== "");

it.each(TABLE.filter(([argv]) => !VERBATIM.some((line) => argv.join(" ").startsWith(line))))(
  "ao %j on a terminal breaks no word and no line of the terminal: %s",
  async (argv, request, answers) => {
    const home = tempDir();
    let answer: unknown;
    await fakeDaemon(home, { [request]: () => answer });
    for (const each of answers.slice(0, 8)) {
      answer = longOf(each);
      const whole = await runInside(argv, { home, columns: 4_000, isOutTty: true, env: { NO_COLOR: "1" } });
      const known = new Set(wordsOf(whole.stdout));
      for (const columns of [40, 60, 80, 100, 160]) {
        const { stdout } = await runInside(argv, { home, columns, isOutTty: true, env: { NO_COLOR: "1" } });
        for (const line of stdout.split("\n")) {
          if (line.trimStart().startsWith("│")) continue;
          if (line.trim().includes(" "))
            expect(widthOf(line), `${columns} columns: ${line}`).toBeLessThanOrEqual(columns);
          for (const word of wordsOf(line)) {
            const isWhole = known.has(word) || SIGN.test(word) || word.endsWith("…") || WIDE.test(word);
            expect(isWhole, `${columns} columns: ${JSON.stringify(word)} in ${JSON.stringify(line)}`).toBe(true);
          }
        }
      }
    }
  },
  120_000,
);

const PATH = `/home/someone/${"long-folder/".repeat(5)}worktrees/app-1`;

it.each([
  ["show", (text: string) => view({ workspacePath: text, pr: { ...PR, url: `https://example.org${text}` } })],
  [
    "explain",
    (text: string) => ({ ...EXPLANATION, facts: [{ text: `process: ${text}`, source: "x", at: null, ageMs: 1 }] }),
  ],
] as const)(
  "ao %s keeps a path or URL that fits on a line whole, on its own line if need be",
  async (name, answerOf) => {
    const home = tempDir();
    await fakeDaemon(home, { [name]: () => answerOf(PATH) });
    for (const columns of [PATH.length + 4, PATH.length + 8, 100, 120]) {
      const { stdout } = await runInside([name, "app-1"], { home, columns, isOutTty: true, env: { NO_COLOR: "1" } });
      const lines = stdout.split("\n").filter((line) => line.includes(PATH) && !line.includes("https:"));
      expect(lines, stdout).toHaveLength(1);
      expect(widthOf(lines[0] ?? ""), stdout).toBeLessThanOrEqual(columns);
    }
  },
);

import { expect, test } from "vitest";
import { tempDir } from "../temp-dir.ts";
import { terminalProgram } from "../terminal-program.ts";
import { waitFor } from "../wait-for.ts";
import type { RuntimeBench, RuntimeContract } from "./runtime.ts";

/** What a runtime with a terminal does for agents that are controlled through it: typing, keys, the screen. */
export function typingContract({ capabilities }: RuntimeContract, setUp: () => RuntimeBench): void {
  const { hasTerminal, hasScreen } = capabilities;

  test.runIf(hasTerminal)(
    "a typed message arrives in pieces with its line feeds, then one Enter, once per id",
    async () => {
      const { runtime, start, again } = setUp();
      const program = terminalProgram(tempDir(), "bracketed");
      const handle = await start(program.argv);
      const texts = ["a", "-t x ; #{x}", "Enter C-c", "two\nlines\n", `${"é漢😀 ".repeat(120)}end;`];
      for (const by of [runtime, again()]) {
        for (const [n, text] of texts.entries()) await by.sendMessage(handle, text, { id: `t-${n}`, paste: "typed" });
      }
      const expected = texts.map((text) => `${text}\r`).join("");
      await waitFor(() => program.got().length >= expected.length);
      expect(program.got()).toBe(expected);
    },
  );

  test.runIf(hasTerminal)("two messages that are typed at the same time do not mix", async () => {
    const { runtime, start } = setUp();
    const program = terminalProgram(tempDir(), "bracketed");
    const handle = await start(program.argv);
    const texts = ["x".repeat(1_000), "y".repeat(1_000)];
    await Promise.all(texts.map((text, n) => runtime.sendMessage(handle, text, { id: `b-${n}`, paste: "typed" })));
    await waitFor(() => program.got().length >= 2_002);
    expect(program.got().split("\r").filter(Boolean).sort()).toEqual(texts);
  });

  test.runIf(hasTerminal)(
    "a guard that refuses stops the typing before the Enter, and the id may be used again",
    async () => {
      const { runtime, start } = setUp();
      const program = terminalProgram(tempDir(), "bracketed");
      const handle = await start(program.argv);
      let asked = 0;
      const guard = async () => ++asked < 3;
      const text = ["x", "y", "z"].map((letter) => letter.repeat(400)).join("");
      const stopped = runtime.sendMessage(handle, text, { id: "g-1", paste: "typed", guard });
      await expect(stopped).rejects.toMatchObject({ code: "REFUSED" });
      await waitFor(() => program.got() === text.slice(0, 800));
      await runtime.sendMessage(handle, "again", { id: "g-1", paste: "typed" });
      await waitFor(() => program.got() === `${text.slice(0, 800)}again\r`);
    },
  );

  test.runIf(hasTerminal)("keys and characters are pressed literally, one after another", async () => {
    const { runtime, start } = setUp();
    const program = terminalProgram(tempDir(), "bracketed");
    const handle = await start(program.argv);
    await runtime.sendMessage(handle, "first");
    await runtime.sendKeys?.(handle, [
      { char: ";" },
      { char: "é" },
      { char: "-" },
      "Tab",
      { char: "2" },
      "Escape",
      "C-u",
    ]);
    await waitFor(() => program.got() === "\u001b[200~first\u001b[201~\r;é-\t2\u001b\u0015");
  });

  test.runIf(hasScreen)("the screen shows its rows, the cursor, and whether bracketed paste is on", async () => {
    const { runtime, start } = setUp();
    const program = terminalProgram(tempDir(), "bracketed");
    const handle = await start(program.argv);
    const screen = await waitFor(async () => {
      const seen = await runtime.getScreen?.(handle);
      return seen?.rows[0]?.startsWith("ready>") ? seen : null;
    });
    expect(screen.cursor).toEqual({ column: 7, row: 0 });
    expect(screen.isPasteBracketed ?? true).toBe(true);
  });
}

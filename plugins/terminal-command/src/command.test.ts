import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OpenOptions } from "@agent-orchestrator/core/slots/terminal";
import { pluginSession as session } from "@agent-orchestrator/testkit/session";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { argvFor, create } from "./index.ts";
import { PRESETS } from "./options.ts";

const attach = { argv: ["tmux", "attach", "-t", "=a b:"], env: { FROM: "attach" } };
const app = session({ id: "app-1" });

test.each([
  [
    ["xterm", "-e", "{attach}"],
    ["xterm", "-e", ...attach.argv],
  ],
  [
    ["sh", "-c", "exec {attach}"],
    ["sh", "-c", "exec tmux attach -t '=a b:'"],
  ],
  [
    ["x", "--title={session}", "{attach}"],
    ["x", "--title=app-1", ...attach.argv],
  ],
  [
    ["x", "{other}", "{attach}"],
    ["x", "{other}", ...attach.argv],
  ],
])("%j becomes the arguments of one session", (words, expected) => {
  expect(argvFor(words, app, attach)).toEqual(expected);
});

test("every preset and every list with {attach} is taken, as YAML reads it too, and nothing else", () => {
  for (const open of Object.keys(PRESETS)) expect(() => create({ open })).not.toThrow();
  expect(() => create({ open: ["x", { attach: null }] })).not.toThrow();
  for (const open of [undefined, "unknown", [], ["x"], ["x", { attach: 1 }], ["x\0", "{attach}"], 7])
    expect(() => create({ open })).toThrowError(expect.objectContaining({ code: "CONFIG" }));
});

/** A terminal program that writes down what it was asked for. */
function program(script: string) {
  const dir = tempDir();
  const path = join(dir, "my-terminal");
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const options: OpenOptions = {
    env: { PATH: `${dir}:${process.env.PATH}`, OUT: join(dir, "out"), HOME: dir },
    attach: async () => attach,
    page: async () => "unused",
  };
  const out = () => (existsSync(join(dir, "out")) ? readFileSync(join(dir, "out"), "utf8") : "");
  return { options, out, terminal: create({ open: ["my-terminal", "{session}", "{attach}"] }) };
}

test("the program gets the caller's environment and goes on by itself", async () => {
  const { options, out, terminal } = program('printf "%s|" "$FROM" "$PWD" "$@" >> "$OUT"; echo >> "$OUT"; sleep 2');
  await terminal.openAll([app, session({ id: "app-2" })], options);
  await waitFor(() => out().split("\n").length === 3);
  expect(out().split("\n")[0]).toBe(`attach|${options.env.HOME}|app-1|tmux|attach|-t|=a b:|`);
  expect(out()).toContain("|app-2|");
});

test("a program that fails at once or is not there is told in its own words", async () => {
  const { options, terminal } = program("echo cannot open display >&2; exit 1");
  await expect(terminal.openSession(app, options)).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("cannot open display"),
  });
  const missing = { ...options, env: { PATH: "/nowhere" } };
  await expect(terminal.openSession(app, missing)).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

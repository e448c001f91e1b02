import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OpenOptions } from "@agent-orchestrator/core/slots/terminal";
import { pluginSession as session } from "@agent-orchestrator/testkit/session";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { create } from "./index.ts";

/** A desktop whose opener writes down the address. */
function desktop(more: Record<string, string> = { DISPLAY: ":1" }) {
  const dir = tempDir();
  writeFileSync(join(dir, "xdg-open"), '#!/bin/sh\necho "$*" >> "$OUT"\n', { mode: 0o755 });
  const options: OpenOptions = {
    env: { PATH: dir, OUT: join(dir, "out"), HOME: dir, ...more },
    attach: () => Promise.reject(new Error("no terminal is needed")),
    page: async (of) => `http://127.0.0.1:3000/${of === null ? "" : `s/${of.id}`}#code=x`,
  };
  const out = () => (existsSync(join(dir, "out")) ? readFileSync(join(dir, "out"), "utf8") : "");
  return { options, out };
}

const isMac = process.platform === "darwin";

test.skipIf(isMac)("a session opens as its page, and several as the dashboard", async () => {
  const { options, out } = desktop();
  const terminal = create();
  await terminal.openSession(session({ id: "app-1" }), options);
  await waitFor(() => out() === "http://127.0.0.1:3000/s/app-1#code=x\n");
  await terminal.openAll([session({ id: "app-1" }), session({ id: "app-2" })], options);
  await waitFor(() => out().endsWith("\nhttp://127.0.0.1:3000/#code=x\n"));
});

test.skipIf(isMac)("without a desktop the link is in the hint", async () => {
  const { options, out } = desktop({});
  await expect(create().openSession(session({ id: "app-1" }), options)).rejects.toMatchObject({
    code: "UNAVAILABLE",
    hint: expect.stringContaining("http://127.0.0.1:3000/s/app-1#code=x"),
  });
  expect(out()).toBe("");
});

import type { SCM } from "@agent-orchestrator/core/slots/scm";
import { aPr } from "@agent-orchestrator/testkit/records";
import { expect, it } from "vitest";
import { withMaskedLogs } from "./masked-logs.ts";

const mask = (text: string) => text.replaceAll("hush", "***");
const ask = (scm: Pick<SCM, "getCheckLog">) => scm.getCheckLog?.(aPr().info, { name: "test", status: "failed" });

class Plugin {
  #words = "say hush";
  get name() {
    return "scm";
  }
  async getCheckLog() {
    return this.#words;
  }
}

it.each([
  ["an object", { getCheckLog: async () => "say hush" }],
  ["a frozen object", Object.freeze({ getCheckLog: async () => "say hush" })],
  ["a class", new Plugin()],
])("masks the logs of an scm that is %s", async (_what, scm) => {
  expect(await ask(withMaskedLogs(scm, mask))).toBe("say ***");
});

it("leaves an scm without logs as it is", () => {
  const scm = {};
  expect(withMaskedLogs(scm, mask)).toBe(scm);
});

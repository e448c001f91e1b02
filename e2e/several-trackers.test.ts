import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

it("issues lists what the trackers have that answer, and says which did not", async () => {
  const files = {
    "down.mjs": `const fail = async () => { throw new Error("it answered 503"); };
export const manifest = { name: "down", slot: "tracker", description: "d", version: "1" };
const asked = { getIssue: fail, isCompleted: fail, generatePrompt: fail, listIssues: fail };
export const create = () => ({ ...asked, issueUrl: String, branchName: String });
`,
  };
  const top = "plugins: [{ path: ./down.mjs }]\n";
  box = new Sandbox({ runtime: "process", agentArgs: ["--idle"], top, files, project: "    trackers: [local, down]" });
  await box.ao("trust");
  const { stdout, stderr, status } = await box.ao("issues");
  expect([status, stdout.split("\n").filter((line) => line.includes("Task")).length]).toEqual([69, 3]);
  expect(stderr).toContain("ao: the issues of down are missing: it answered 503");
  const json = JSON.parse((await box.ao("issues", "--json")).stdout) as { data: unknown[]; meta: object };
  expect([json.data.length, json.meta]).toMatchObject([3, { failed: [{ tracker: "down" }] }]);
});

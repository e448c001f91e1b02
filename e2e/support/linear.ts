import { Linear } from "@agent-orchestrator/testkit/linear/linear";
import type { Team } from "@agent-orchestrator/testkit/linear/model";
import type { Workspace } from "@agent-orchestrator/testkit/linear/workspace";
import { Sandbox, type SandboxOptions } from "./sandbox.ts";

export interface LinearBox {
  linear: Linear;
  workspace: Workspace;
  team: Team;
  box: Sandbox;
  apiKey: string;
  /** An issue as the people see it. */
  issue(identifier: string): Workspace["issues"][number];
  close(isFailed: boolean): Promise<void>;
}

/** A project with its issues in a Linear of our own, where Wes has his key, and pull requests on this machine. */
export async function startOnLinear(
  options: Omit<SandboxOptions, "project"> & { tracker?: string; others?: string } = {},
): Promise<LinearBox> {
  const linear = await Linear.start();
  const { workspace } = linear;
  const team = workspace.addTeam("INT");
  const apiKey = workspace.giveAccess(workspace.addUser("wes"));
  const tracker = `{ plugin: linear, team: INT, apiKey: ${apiKey}, apiUrl: "${linear.apiUrl}"${options.tracker ?? ""} }`;
  const trackers = options.others === undefined ? `tracker: ${tracker}` : `trackers: [${tracker}, ${options.others}]`;
  const box = new Sandbox({
    ...options,
    project: `    ${trackers}\n    scm: { plugin: local, requiredReviews: 0 }`,
  });
  await box.ao("trust");
  return {
    ...{ linear, workspace, team, box, apiKey },
    issue(identifier) {
      const found = workspace.issues.find((one) => one.identifier === identifier);
      if (found === undefined) throw new Error(`there is no ${identifier}`);
      return found;
    },
    async close(isFailed) {
      if (isFailed) process.stderr.write(await box.diagnose());
      await box.close();
      await linear.stop();
    },
  };
}

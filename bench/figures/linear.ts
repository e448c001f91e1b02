import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Linear } from "@agent-orchestrator/testkit/linear/linear";
import type { Bench } from "../support/context.ts";
import { BenchSandbox } from "../support/stage.ts";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const WAITING = 100;
/** Until the first look at all of them is over. */
const SETTLE_MS = 20_000;

/** What issues that sessions wait for cost of Linear's limits while nothing happens. */
export const linear: Bench = async ({ isQuick, say }) => {
  const server = await Linear.start();
  const box = new BenchSandbox({});
  try {
    const { workspace } = server;
    const team = workspace.addTeam("INT");
    for (let n = 0; n < WAITING; n++) workspace.addIssue(team, { title: `First ${n}` });
    const blockers = [...workspace.issues];
    for (const blocker of blockers) workspace.relate(blocker, "blocks", workspace.addIssue(team, { title: "Then" }));
    const apiKey = workspace.giveAccess(workspace.addUser("wes"));
    const tracker = `{ plugin: linear, team: INT, apiKey: ${apiKey}, apiUrl: "${server.apiUrl}" }`;
    const project = `    tracker: ${tracker}\n    scm: local\n    agentConfig: { command: "true" }\n`;
    writeFileSync(
      join(box.repo.path, "agent-orchestrator.yaml"),
      `defaults: { runtime: process, agent: command, notifiers: [] }\nprojects:\n  app:\n${project}`,
    );
    await box.start();
    await box.trust();
    await box.get("spawn", { words: ["app", ...workspace.issues.slice(WAITING).map(({ identifier }) => identifier)] });
    say(`${WAITING} sessions wait after ${server.requests.length} requests`);
    await sleep(SETTLE_MS);
    const minutes = isQuick ? 5 : 15;
    const before = server.requests.length;
    await sleep(minutes * 60_000);
    const requests = server.requests.slice(before);
    return [
      {
        id: "linear-watching",
        what: `${WAITING} quiet issues of Linear that sessions wait for, in an hour`,
        unit: "requests",
        figure: (requests.length * 60) / minutes,
        goal: "≤ 120",
        limit: 120,
        notes: [
          `${requests.length} requests in ${minutes} min, of at most ${Math.max(0, ...requests.map(({ complexity }) => complexity))} points each`,
        ],
      },
    ];
  } finally {
    await box.close();
    await server.stop();
  }
};

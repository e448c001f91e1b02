import { crashRounds } from "@agent-orchestrator/testkit/contracts/workspace/crash";
import { test } from "vitest";
import { create } from "./index.ts";

const kills = Number(process.env.AO_KILLS ?? 10);
const child = new URL("./fixtures/crash-child.ts", import.meta.url);

test(
  `${kills} kills at random moments leave nothing that the next start does not finish or take back`,
  {
    timeout: 600_000,
  },
  () => crashRounds({ create: (context) => create({}, context), child, kills }),
);

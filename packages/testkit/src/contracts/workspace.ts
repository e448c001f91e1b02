import { describe } from "vitest";
import { baseTests } from "./workspace/base.ts";
import type { WorkspaceContract } from "./workspace/bench.ts";
import { branchTests, switchTests } from "./workspace/branch.ts";
import { createTests } from "./workspace/create.ts";
import { generatedTests } from "./workspace/generated.ts";
import { hostileTests } from "./workspace/hostile.ts";
import { keepingTests } from "./workspace/keeping.ts";
import { liveTests } from "./workspace/live.ts";
import { oddTreeTests } from "./workspace/odd-trees.ts";
import { placeTests } from "./workspace/place.ts";
import { preserveTests } from "./workspace/preserve.ts";
import { pushGuardTests } from "./workspace/push-guard.ts";
import { repositoryTests } from "./workspace/repositories.ts";
import { settingsTests } from "./workspace/settings.ts";
import { workTreeTests } from "./workspace/work-tree.ts";

export type { WorkspaceContract } from "./workspace/bench.ts";

/** What core relies on, whichever kind of checkout it is. */
export function workspaceContract(name: string, contract: WorkspaceContract): void {
  describe(`the workspace contract, kept by ${name}`, () => {
    createTests(contract);
    baseTests(contract);
    liveTests(contract);
    branchTests(contract);
    switchTests(contract);
    preserveTests(contract);
    keepingTests(contract);
    generatedTests(contract);
    oddTreeTests(contract);
    hostileTests(contract);
    repositoryTests(contract);
    settingsTests(contract);
    placeTests(contract);
    workTreeTests(contract);
    pushGuardTests(contract);
  });
}

import { existsSync } from "node:fs";

/** What npm installs. */
export const PACKAGE = "@agent-orchestrator/cli";

/** Whether this program runs from a clone of the repository. The package has no sources. */
export const isCheckout = (): boolean => existsSync(new URL("../src", import.meta.url));

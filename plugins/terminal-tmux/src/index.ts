import type { PluginModule } from "@agent-orchestrator/core/slots/common";
import type { Terminal } from "@agent-orchestrator/core/slots/terminal";
import { manifest } from "./manifest.ts";
import { tmuxWindows } from "./windows.ts";

export const create: PluginModule<Terminal>["create"] = () => tmuxWindows();

export { manifest };

export default { manifest, create } satisfies PluginModule<Terminal>;

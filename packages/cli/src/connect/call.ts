import { clientOf } from "@agent-orchestrator/core/protocol/client";
import type { Requests } from "@agent-orchestrator/daemon/requests";

/** Sends one request over one connection. */
export const call = clientOf<Requests>();

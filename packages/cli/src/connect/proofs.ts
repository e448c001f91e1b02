import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { Place } from "./connect.ts";

/** What shows who asks: within a session its proof, everywhere else the user's token. Each daemon has a new one. */
export function proofsOf({ io, home }: Place): Pick<Caller, "sessionId" | "proof" | "token"> {
  const { AO_SESSION_ID: sessionId = "", AO_SESSION_PROOF: proof } = io.env;
  if (sessionId !== "") return proof === undefined ? { sessionId } : { sessionId, proof };
  const token = readToken(home);
  return token === null ? {} : { token };
}

function readToken(home: string): string | null {
  try {
    return readFileSync(join(home, "daemon", "token"), "utf8").trim();
  } catch {
    return null; // No daemon has run yet. The one that is started for this request writes it before it listens.
  }
}

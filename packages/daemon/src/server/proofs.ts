import { createHmac } from "node:crypto";
import { keepToken, openSecret, renewToken } from "@agent-orchestrator/core/store/caller-files";
import type { Layout } from "@agent-orchestrator/core/store/layout";
import { isSameText } from "@agent-orchestrator/plugin-kit/same-text";

/** What a request carries to show who sends it. The files are 0600, and nothing that `ao` starts is given their text. */
export interface Proofs {
  /** Whether this is the user's token (`daemon/token`), which `ao` adds to the user's requests. */
  isUsers(token: string | undefined): boolean;
  /** Writes the token again if its file was lost or changed. */
  keepToken(): void;
  /** The proof of one session: `AO_SESSION_PROOF` in the environment of its programs. */
  ofSession(sessionId: string): string;
  isOfSession(sessionId: string, proof: string | undefined): boolean;
  /** A seal on a text of a plugin. `scope` says which plugin of which project. */
  sealOf(scope: string, text: string): string;
}

/** A new token for each daemon, and one secret for the whole home, because agents outlive daemons. */
export function createProofs(layout: Pick<Layout, "token" | "secret">): Proofs {
  const token = renewToken(layout);
  const key = openSecret(layout).secret;
  const digest = (text: string): string => createHmac("sha256", key).update(text).digest("hex");
  const ofSession = (id: string): string => digest(`session ${id}`);
  return {
    isUsers: (given) => isSameText(given, token),
    keepToken: () => keepToken(layout, token),
    ofSession,
    isOfSession: (id, proof) => isSameText(proof, ofSession(id)),
    sealOf: (scope, text) => digest(`record ${scope}\n${text}`),
  };
}

import { createHmac } from "node:crypto";

/** What is signed. The kind is part of the signature, so a checkpoint can't pass for a line. */
export type SignedKind = "line" | "checkpoint" | "metadata" | "pack" | "session";

/** Signs what the store writes, so that a start recognises what another program wrote in its place. */
export interface Signer {
  /** The first 32 hex digits of HMAC-SHA256 of the kind, a newline and these bytes. */
  sign(kind: SignedKind, bytes: Uint8Array): string;
}

/** `secret` is the text of `daemon/secret`. */
export function createSigner(secret: string): Signer {
  return {
    sign: (kind, bytes) => createHmac("sha256", secret).update(`${kind}\n`).update(bytes).digest("hex").slice(0, 32),
  };
}

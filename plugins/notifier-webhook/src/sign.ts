import { createHmac } from "node:crypto";

/** Seconds since the epoch, as text. */
export type Timestamp = string;

/** `v1=` and the HMAC-SHA256, in hex, of the timestamp, a dot and the body. docs/slots/notifier.md shows how to check it. */
export const signatureOf = (secret: string, signed: { timestamp: Timestamp; body: string }): string =>
  `v1=${createHmac("sha256", secret).update(`${signed.timestamp}.${signed.body}`).digest("hex")}`;

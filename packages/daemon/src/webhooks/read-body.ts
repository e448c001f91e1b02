import type { IncomingMessage } from "node:http";

/** GitHub's own limit of a payload. */
export const MAX_BODY = 25 << 20;
/** Of all requests together, since anybody on this machine may post. */
const MAX_HELD = 64 << 20;

/** Reads requests' bodies. Throws `{status}` if one is too big, or if too much is being read. */
export function bodyReader() {
  let held = 0;
  return async (request: IncomingMessage): Promise<Buffer> => {
    if (Number(request.headers["content-length"] ?? 0) > MAX_BODY) throw new TooMuch(413);
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        size += chunk.length;
        held += chunk.length;
        if (size > MAX_BODY) throw new TooMuch(413);
        if (held > MAX_HELD) throw new TooMuch(503);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    } finally {
      held -= size;
    }
  };
}

export class TooMuch extends Error {
  readonly status: 413 | 503;

  constructor(status: 413 | 503) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

import { request as httpRequest } from "node:http";
import { clientOf, type Outcome, type Transport } from "@agent-orchestrator/core/protocol/client";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { ParamsOf, RequestName, Requests } from "../../packages/daemon/src/requests.ts";

const call = clientOf<Requests>();

/** HTTP over a unix socket, line by line. A broken connection ends the lines. */
export function socketTransport(socketPath: string): Transport {
  return async function* lines({ name, body, signal }) {
    const response = await new Promise<AsyncIterable<Buffer> | null>((resolve) => {
      const request = httpRequest({ socketPath, path: `/v1/${name}`, method: "POST", signal }, (answer) =>
        resolve(answer),
      );
      request.on("error", () => resolve(null));
      request.end(body);
    });
    if (response === null) return;
    let rest = "";
    try {
      for await (const chunk of response) {
        const parts = (rest + chunk.toString("utf8")).split("\n");
        rest = parts.pop() ?? "";
        yield* parts;
      }
    } catch {
      // the daemon ended before the response did: the caller sees an answer without an end
    }
  };
}

export async function ask<N extends RequestName>(
  connection: { socketPath: string; caller: Caller },
  name: N,
  params: ParamsOf<N>,
): Promise<Outcome<Requests[N]>> {
  const transport = socketTransport(connection.socketPath);
  return call({ transport, caller: connection.caller }, { name, params });
}

// A notifier that writes down when it was asked to tell the human what.
import { appendFileSync } from "node:fs";

export const manifest = { name: "bench", slot: "notifier", description: "writes to a file", version: "1.0.0" };

export function create(config) {
  return {
    name: "bench",
    async notify(event) {
      const now = performance.timeOrigin + performance.now();
      appendFileSync(config.file, `${now} ${event.type} ${event.sessionId ?? "-"}\n`);
    },
  };
}

// A notifier for the tests. It writes one JSON line per notice.
import { appendFile } from "node:fs/promises";

export const manifest = { name: "lines", slot: "notifier", description: "Appends notices to a file", version: "1.0.0" };

export const create = ({ path }) => ({
  async notify(event) {
    await appendFile(path, `${JSON.stringify(event)}\n`);
  },
});

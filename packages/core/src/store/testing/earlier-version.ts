import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crcHex } from "../crc.ts";
import { layoutOf, projectsIn } from "../layout.ts";

/** A line as every program can write it: sealed, but not signed. */
export function unsignedLine(value: Record<string, unknown>): string {
  const body = JSON.stringify(value).slice(0, -1);
  return `${body},"c":"${crcHex(Buffer.from(body))}"}\n`;
}

/** Turns a closed home into one of format 1: no signatures, no secret. */
export function toFormat1(home: string): void {
  const layout = layoutOf(home);
  const logs = readdirSync(layout.events).map((name) => join(layout.events, name));
  for (const path of [...logs, layout.checkpoint]) {
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    const old = lines.map((line) => {
      const { c: _c, m: _m, prev: _prev, signedFrom: _from, ...value } = JSON.parse(line) as Record<string, unknown>;
      return unsignedLine(value.format === undefined ? value : { ...value, format: 1 });
    });
    writeFileSync(path, old.join(""));
  }
  for (const { instanceId, projectId } of projectsIn(home)) {
    const { sessions } = layout.project(instanceId, projectId);
    for (const entry of readdirSync(sessions, { withFileTypes: true }).filter((found) => found.isFile())) {
      const path = join(sessions, entry.name);
      writeFileSync(path, readFileSync(path, "utf8").replace(/ [0-9a-f]{32}\n$/, "\n"));
    }
  }
  writeFileSync(layout.format, '{"format":1}\n');
  rmSync(layout.secret);
}

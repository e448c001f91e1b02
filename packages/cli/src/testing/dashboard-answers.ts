import type { RequestName } from "@agent-orchestrator/daemon/requests";

const OPEN = { link: "http://127.0.0.1:3000/#code=x", port: 3000, wanted: 3000, revoked: 0, hasPage: true };
const CLOSED = { ...OPEN, link: null, port: null };

/** Rows of the table in `every-answer.ts`. */
export const DASHBOARD: [string[], RequestName, unknown[]][] = [
  [["dashboard"], "dashboard", [OPEN, { ...OPEN, port: 3001, hasPage: false }]],
  [["dashboard", "--revoke", "--close"], "dashboard", [CLOSED, { ...CLOSED, port: 3000, revoked: 1 }]],
];

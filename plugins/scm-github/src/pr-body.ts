import { join } from "node:path";
import { readText } from "@agent-orchestrator/core/host/files";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { CreatePRInput } from "@agent-orchestrator/core/slots/scm";
import type { Desk } from "./desk.ts";

/** Where GitHub looks for a template. */
const TEMPLATES = [
  ".github/pull_request_template.md",
  ".github/PULL_REQUEST_TEMPLATE.md",
  "pull_request_template.md",
  "PULL_REQUEST_TEMPLATE.md",
  "docs/pull_request_template.md",
  "docs/PULL_REQUEST_TEMPLATE.md",
];
const MAX_BYTES = 60_000;

/** What the agent or user wrote, else the repository's template, and the issue that a merge closes. */
export async function bodyOf({ project }: Pick<Desk, "project">, input: CreatePRInput): Promise<string> {
  const text = input.body.trim() === "" ? templateIn(project.path) : input.body.trim();
  const closes = input.closesIssue === undefined ? null : `Fixes ${input.closesIssue}`;
  const isSaid = closes !== null && text.toLowerCase().includes(closes.toLowerCase());
  return [text, isSaid ? null : closes].filter((part) => part !== null && part !== "").join("\n\n");
}

function templateIn(path: string): string {
  for (const name of TEMPLATES) {
    try {
      const text = readText(join(path, name), { maxBytes: MAX_BYTES });
      if (text !== null) return text.trim();
    } catch (error) {
      if (!isAoError(error)) throw error; // A folder or link of that name is no template.
    }
  }
  return "";
}

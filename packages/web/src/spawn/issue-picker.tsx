import { oneLine } from "@agent-orchestrator/core/model/text";
import type { IssueRow } from "@agent-orchestrator/core/protocol/results";
import { useEffect, useState } from "preact/hooks";
import { ask } from "../connect/daemon.ts";
import { issueTag } from "../words/session-words.ts";

interface Props {
  project: { id: string; configPath: string };
  chosen: readonly string[];
  onChange(issues: readonly string[]): void;
}

/** The open issues of a project's tracker. One without a list, or that does not answer, leaves the task in words. */
export function IssuePicker({ project, chosen, onChange }: Props) {
  const [rows, setRows] = useState<readonly IssueRow[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [search, setSearch] = useState("");
  useEffect(() => {
    ask("issues", { project: project.id }, { configPath: project.configPath }).then(setRows, (error: Error) =>
      setProblem(error.message),
    );
  }, []);
  if (problem !== null) return <p class="hint">Issues: {problem}</p>;
  if (rows === null) return <p class="hint">Issues: asking the tracker</p>;
  if (rows.length === 0) return <p class="hint">There is no open issue.</p>;
  const fits = ({ id, title }: IssueRow) => `${id} ${title}`.toLowerCase().includes(search.toLowerCase());
  const toggle = (id: string) => onChange(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id]);
  return (
    <fieldset class="issues">
      <legend>Issues</legend>
      <input
        type="search"
        aria-label="Search issues"
        placeholder="Search issues"
        value={search}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <ul>
        {rows.filter(fits).map((row) => (
          <li key={row.id}>
            <label class="switch">
              <input type="checkbox" checked={chosen.includes(row.id)} onChange={() => toggle(row.id)} />
              <span class="tag">{issueTag(row)}</span>
              <span class="issue-title">{oneLine(row.title, 200)}</span>
              {row.session !== null && <span class="hint">{row.session} works on it</span>}
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

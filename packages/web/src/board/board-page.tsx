import type { SessionView, StatusGroup } from "@agent-orchestrator/core/model/session-view";
import { computed, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { board, boardProblem, followBoard, sessions, showAll, showsAll } from "../state/board.ts";
import { openDialog } from "../state/dialogs.ts";
import { Icon } from "../ui/icon.tsx";
import { Empty, Loading, Problem } from "../ui/states.tsx";
import { BoardList } from "./board-list.tsx";
import { type Filter, filtered, projectsOf } from "./filter.ts";
import { listenForKeys, select, selected } from "./key-doings.ts";
import { rowsOf } from "./rows.ts";

const filter = signal<Filter>({ project: null, text: "" });
const folded = signal<ReadonlySet<StatusGroup>>(new Set());

const shown = computed(() => filtered(sessions.value, filter.value));
const rows = computed(() => rowsOf(shown.value, folded.value));
const projects = computed(() => projectsOf(sessions.value));

export function toggleGroup(group: StatusGroup): void {
  const next = new Set(folded.value);
  if (!next.delete(group)) next.add(group);
  folded.value = next;
}

export function BoardPage() {
  const search = useRef<HTMLInputElement>(null);
  useEffect(
    () =>
      listenForKeys({
        views: () => rows.value.flatMap((row) => (row.kind === "card" ? [row.view] : [])),
        search: () => search.current?.focus(),
      }),
    [],
  );
  return (
    <main class="board" id="main">
      <h1 class="visually-hidden">Sessions</h1>
      <div class="toolbar">
        <label class="search">
          <Icon name="search" />
          <span class="visually-hidden">Search sessions</span>
          <input
            ref={search}
            type="search"
            placeholder="Search, or ci:failing"
            value={filter.value.text}
            onInput={(event) => {
              filter.value = { ...filter.value, text: event.currentTarget.value };
            }}
            onKeyDown={(event) => {
              if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
            }}
          />
          <span class="key" aria-hidden="true">
            /
          </span>
        </label>
        <Projects />
        <label class="switch">
          <input type="checkbox" checked={showsAll.value} onChange={(event) => showAll(event.currentTarget.checked)} />
          Finished ones too
        </label>
      </div>
      <Notices />
      <Sessions views={shown.value} />
    </main>
  );
}

function Projects() {
  if (projects.value.length < 2) return null;
  const chosen = filter.value.project;
  const choose = (project: string | null) => {
    filter.value = { ...filter.value, project };
  };
  return (
    <fieldset class="chips">
      <legend class="visually-hidden">Project</legend>
      <button type="button" class="chip" aria-pressed={chosen === null} onClick={() => choose(null)}>
        All
      </button>
      {projects.value.map(({ key, name, need }) => (
        <button type="button" key={key} class="chip" aria-pressed={chosen === key} onClick={() => choose(key)}>
          {name}
          {need > 0 && <span class="count need">{need}</span>}
        </button>
      ))}
    </fieldset>
  );
}

function Notices() {
  const notices = board.value?.meta?.notices ?? [];
  if (notices.length === 0) return null;
  return (
    <ul class="notices">
      {notices.map(({ level, text, hint }) => (
        <li key={text} class={level}>
          <Icon name={level === "info" ? "dot" : "warn"} />
          <span>
            {text}
            {hint !== undefined && <span class="hint"> {hint}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Sessions({ views }: { views: readonly SessionView[] }) {
  const problem = boardProblem.value;
  if (problem !== null) return <Problem error={problem} onRetry={followBoard} />;
  if (board.value === null) return <Loading what="the sessions" />;
  if (views.length > 0)
    return <BoardList rows={rows.value} selected={selected.value} onSelect={select} onFold={toggleGroup} />;
  if (sessions.value.length > 0) {
    return (
      <Empty title="No session matches.">
        <button
          type="button"
          onClick={() => {
            filter.value = { project: null, text: "" };
          }}
        >
          Show all
        </button>
      </Empty>
    );
  }
  return (
    <Empty title="No sessions.">
      <p>Give an agent an issue, or a task in your own words.</p>
      <button type="button" class="main" onClick={() => openDialog({ kind: "spawn" })}>
        <Icon name="plus" /> New session
      </button>
      <p class="hint">
        A repository needs a config first. Run <code>ao init</code> in it.
      </p>
    </Empty>
  );
}

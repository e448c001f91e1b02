import { useEffect, useState } from "preact/hooks";
import { act, ask, Refused } from "../connect/daemon.ts";
import { go } from "../router.ts";
import { pathOfSession } from "../routes.ts";
import { closeDialog } from "../state/dialogs.ts";
import { notify } from "../state/toasts.ts";
import { DialogFrame } from "../ui/dialog.tsx";
import { Problem } from "../ui/states.tsx";
import { IssuePicker } from "./issue-picker.tsx";

interface Project {
  id: string;
  path: string | null;
  configPath: string;
}

interface Wanted {
  project: number;
  issues: readonly string[];
  prompt: string;
  agent: string;
  model: string;
  base: string;
}

const EMPTY: Wanted = { project: 0, issues: [], prompt: "", agent: "", model: "", base: "" };

/** Starts sessions: one for each chosen issue, or one for a task in your own words. */
export function SpawnDialog() {
  const [projects, setProjects] = useState<readonly Project[] | null>(null);
  const [wanted, setWanted] = useState(EMPTY);
  const [problem, setProblem] = useState<Error | null>(null);
  const [progress, setProgress] = useState<string | null>(null);
  const change = (part: Partial<Wanted>) => setWanted((before) => ({ ...before, ...part }));
  useEffect(() => {
    ask("projects", {}).then(setProjects, setProblem);
  }, []);
  const project = projects?.[wanted.project];
  const isEmpty = wanted.issues.length === 0 && wanted.prompt.trim() === "";
  const submit = async () => {
    if (project === undefined || isEmpty) return;
    setProblem(null);
    setProgress("starting");
    const why = await spawn(project, wanted, setProgress).catch((error: Error) => error);
    setProgress(null);
    if (why instanceof Error) setProblem(why);
    else closeDialog();
  };
  return (
    <DialogFrame title="New session" onClose={closeDialog} isWide>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <ProjectField projects={projects} wanted={wanted} change={change} />
        {project !== undefined && (
          <IssuePicker
            key={`${project.configPath} ${project.id}`}
            project={project}
            chosen={wanted.issues}
            onChange={(issues) => change({ issues })}
          />
        )}
        <TaskField wanted={wanted} change={change} submit={submit} />
        <Choices wanted={wanted} change={change} />
        {problem !== null && <Problem error={problem} />}
        <footer>
          {progress !== null && (
            <span class="hint" role="status">
              {progress}
            </span>
          )}
          <button type="button" onClick={closeDialog}>
            Cancel
          </button>
          <button type="submit" class="main" disabled={isEmpty || progress !== null || project === undefined}>
            {wanted.issues.length > 1 ? `Start ${wanted.issues.length} sessions` : "Start"}
          </button>
        </footer>
      </form>
    </DialogFrame>
  );
}

interface Fields {
  wanted: Wanted;
  change(part: Partial<Wanted>): void;
}

function ProjectField({ projects, wanted, change }: Fields & { projects: readonly Project[] | null }) {
  return (
    <>
      <label>
        Project
        <select
          value={String(wanted.project)}
          onChange={(event) => change({ project: Number(event.currentTarget.value), issues: [] })}
        >
          {(projects ?? []).map(({ id, configPath }, at) => (
            <option key={`${configPath} ${id}`} value={String(at)}>
              {id}
            </option>
          ))}
        </select>
      </label>
      {projects?.length === 0 && (
        <p class="hint">
          There is no project yet. Run <code>ao init</code> in a repository.
        </p>
      )}
    </>
  );
}

function TaskField({ wanted, change, submit }: Fields & { submit(): Promise<void> }) {
  return (
    <label>
      {wanted.issues.length === 0 ? "Task" : "Anything else the agent should know"}
      <textarea
        rows={4}
        value={wanted.prompt}
        onInput={(event) => change({ prompt: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void submit();
        }}
      />
    </label>
  );
}

function Choices({ wanted, change }: Fields) {
  const fields = [
    { name: "agent", label: "Agent", usual: "the project's" },
    { name: "model", label: "Model", usual: "the agent's" },
    { name: "base", label: "Base branch", usual: "the project's" },
  ] as const;
  return (
    <div class="fields">
      {fields.map(({ name, label, usual }) => (
        <label key={name}>
          {label}
          <input
            type="text"
            placeholder={usual}
            value={wanted[name]}
            onInput={(event) => change({ [name]: event.currentTarget.value })}
          />
        </label>
      ))}
    </div>
  );
}

async function spawn(project: Project, wanted: Wanted, onProgress: (text: string) => void): Promise<void> {
  const text = (name: "prompt" | "agent" | "model" | "base") =>
    wanted[name].trim() === "" ? {} : { [name]: wanted[name].trim() };
  const words = [project.id, ...wanted.issues];
  const params = { words, ...text("prompt"), ...text("agent"), ...text("model"), ...text("base") };
  const views = await act("spawn", params, { onProgress, configPath: project.configPath });
  const [first] = views;
  if (first === undefined) throw new Refused({ code: "FAILED", message: "no session was started" });
  notify(`${views.map(({ id }) => id).join(", ")} started`);
  if (views.length === 1) go(pathOfSession(first.id));
}

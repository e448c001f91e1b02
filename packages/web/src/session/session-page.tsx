import "../styles/session.css";
import "../styles/about.css";
import "../styles/diff.css";
import "../styles/parts.css";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { useEffect } from "preact/hooks";
import { StepButton } from "../board/step-button.tsx";
import { isAnswerable, stepsOf, type Tab } from "../board/steps.ts";
import { go } from "../router.ts";
import { pathOfSession } from "../routes.ts";
import { now } from "../state/clock.ts";
import { Icon } from "../ui/icon.tsx";
import { Loading, Problem } from "../ui/states.tsx";
import { doingOf, issueTag, reasonOf, statusWord, titleOf, waitOf } from "../words/session-words.ts";
import { About } from "./about.tsx";
import { ActionMenu } from "./action-menu.tsx";
import { Changes } from "./changes.tsx";
import { Checks } from "./checks.tsx";
import { Conversation } from "./conversation.tsx";
import { Messages } from "./messages.tsx";
import { Question } from "./question.tsx";
import { TerminalTab } from "./terminal-tab.tsx";
import { Timeline } from "./timeline.tsx";
import { useSession } from "./use-session.ts";

const TABS: readonly { tab: Tab; title: string }[] = [
  { tab: "terminal", title: "Terminal" },
  { tab: "changes", title: "Changes" },
  { tab: "checks", title: "Checks" },
  { tab: "messages", title: "Messages" },
  { tab: "conversation", title: "Conversation" },
  { tab: "timeline", title: "Timeline" },
  { tab: "about", title: "About" },
];

const isTab = (word: string | null): word is Tab => TABS.some(({ tab }) => tab === word);

export function SessionPage({ id, tab }: { id: string; tab: string | null }) {
  const { data: view, error, again } = useSession(id);
  const chosen = isTab(tab) ? tab : "terminal";
  useEffect(() => {
    const leave = (event: KeyboardEvent) => {
      const isTyping = (event.target as Element | null)?.closest?.("input, textarea, select, dialog, .xterm") !== null;
      if (event.key === "Escape" && !isTyping) go("/");
    };
    document.addEventListener("keydown", leave);
    return () => document.removeEventListener("keydown", leave);
  }, []);
  return (
    <main id="main" class="session">
      {view === null ? (
        error === null ? (
          <Loading what="the session" />
        ) : (
          <Problem error={error} onRetry={again} />
        )
      ) : (
        <Whole view={view} chosen={chosen} />
      )}
    </main>
  );
}

function Whole({ view, chosen }: { view: SessionView; chosen: Tab }) {
  return (
    <>
      <Head view={view} />
      {isAnswerable(view) || view.question?.onlyInTerminal ? <Question view={view} /> : null}
      <nav class="tabs" aria-label="Parts of the session">
        {TABS.map(({ tab, title }) => (
          <a
            key={tab}
            class={tab}
            href={pathOfSession(view.id, tab)}
            aria-current={tab === chosen ? "page" : undefined}
          >
            {title}
            {tab === "messages" && <Count of={view.messages.filter(({ state }) => state === "held").length} />}
            {tab === "checks" && view.pr?.ci === "failing" && <span class="lamp bad" title="CI fails" />}
          </a>
        ))}
      </nav>
      <div class="session-body">
        <section class={`session-main ${chosen}`} aria-label={chosen}>
          <Part view={view} tab={chosen} />
        </section>
        <aside class="session-side" aria-label="About">
          <About view={view} />
        </aside>
      </div>
    </>
  );
}

const Count = ({ of }: { of: number }) => (of === 0 ? null : <span class="count">{of}</span>);

function Part({ view, tab }: { view: SessionView; tab: Tab }) {
  switch (tab) {
    case "changes":
      return <Changes view={view} />;
    case "checks":
      return <Checks view={view} />;
    case "messages":
      return <Messages view={view} />;
    case "conversation":
      return <Conversation view={view} />;
    case "timeline":
      return <Timeline view={view} />;
    case "about":
      return <About view={view} />;
    default:
      return <TerminalTab view={view} />;
  }
}

function Head({ view }: { view: SessionView }) {
  const doing = doingOf(view);
  return (
    <header class="session-head">
      <a class="back" href="/" aria-label="All sessions">
        <Icon name="back" />
      </a>
      <div class="session-title">
        <h1>
          {titleOf(view)} {view.issue !== null && <span class="tag">{issueTag(view.issue)}</span>}
        </h1>
        <p>
          <span class="id">{view.id}</span>
          <span class={`badge ${view.group}`}>{statusWord(view.status)}</span>
          {doing !== null && (
            <span>
              {doing.text}
              {doing.evidence !== "" && <span class="evidence">, {doing.evidence}</span>}
            </span>
          )}
          <span class="wait">{waitOf(view, now.value)}</span>
        </p>
        <p class="reason">{reasonOf(view)}</p>
      </div>
      <div class="session-actions">
        {stepsOf(view).map((step) => (
          <StepButton key={step.kind === "command" ? step.command : step.label} step={step} view={view} />
        ))}
        <ActionMenu view={view} />
      </div>
    </header>
  );
}

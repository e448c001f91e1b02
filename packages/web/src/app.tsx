import { lazy, Suspense } from "preact/compat";
import { useState } from "preact/hooks";
import { BoardPage } from "./board/board-page.tsx";
import { connection } from "./connect/daemon.ts";
import { hasCode, LoginPage } from "./login-page.tsx";
import { route } from "./router.ts";
import { followBoard, sessions } from "./state/board.ts";
import { now } from "./state/clock.ts";
import { openDialog } from "./state/dialogs.ts";
import { mayAskToRing } from "./state/rings.ts";
import { isDark, toggleTheme } from "./state/theme.ts";
import { Dialogs } from "./ui/dialogs.tsx";
import { Icon } from "./ui/icon.tsx";
import { Empty, Loading } from "./ui/states.tsx";
import { Toasts } from "./ui/toasts.tsx";
import { clockTime } from "./words/age.ts";

const SessionPage = lazy(async () => (await import("./session/session-page.tsx")).SessionPage);
const FleetPage = lazy(async () => (await import("./fleet/fleet-page.tsx")).FleetPage);

export function App() {
  if (connection.value.kind === "locked" || route.value.page === "login" || hasCode.value) return <LoginPage />;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header />
      <Away />
      <Suspense fallback={<Loading what="the page" />}>
        <Page />
      </Suspense>
      <Dialogs />
      <Toasts />
    </>
  );
}

function Page() {
  const here = route.value;
  switch (here.page) {
    case "session":
      return <SessionPage key={here.id} id={here.id} tab={here.tab} />;
    case "fleet":
      return <FleetPage />;
    case "nowhere":
      return (
        <main id="main" class="page">
          <Empty title="There is no such page.">
            <a href="/">Go to the sessions</a>
          </Empty>
        </main>
      );
    default:
      return <BoardPage />;
  }
}

function Header() {
  const { page } = route.value;
  const need = sessions.value.filter(({ group }) => group === "needs-you" || group === "ready-to-merge").length;
  return (
    <header class="top">
      <a class="brand" href="/" aria-label="ao, sessions">
        <img src="/icon.svg" alt="" width="20" height="20" />
        <span>ao</span>
      </a>
      <nav aria-label="Pages">
        <a href="/" aria-current={page === "board" ? "page" : undefined}>
          <Icon name="board" />
          Sessions
          {need > 0 && (
            <span class="count need">
              {need}
              <span class="visually-hidden"> wait for you</span>
            </span>
          )}
        </a>
        <a href="/fleet" aria-current={page === "fleet" ? "page" : undefined}>
          <Icon name="fleet" />
          Fleet
        </a>
      </nav>
      <span class="grow" />
      <Connection />
      <Bell />
      <button type="button" class="quiet square" aria-label="Keys" onClick={() => openDialog({ kind: "keys" })}>
        <Icon name="keys" />
      </button>
      <button
        type="button"
        class="quiet square"
        aria-label={isDark.value ? "Switch to light" : "Switch to dark"}
        onClick={toggleTheme}
      >
        <Icon name={isDark.value ? "sun" : "moon"} />
      </button>
      <button type="button" class="main new" aria-label="New session" onClick={() => openDialog({ kind: "spawn" })}>
        <Icon name="plus" />
        <span>New session</span>
      </button>
    </header>
  );
}

/** Urgent ones ring in the browser, if it is allowed. */
function Bell() {
  const [mayAsk, setMayAsk] = useState(mayAskToRing());
  if (!mayAsk) return null;
  const allow = async () => {
    await Notification.requestPermission();
    setMayAsk(mayAskToRing());
    followBoard();
  };
  return (
    <button type="button" class="quiet square" aria-label="Allow notifications" onClick={() => void allow()}>
      <Icon name="bell" />
    </button>
  );
}

function Connection() {
  const { kind } = connection.value;
  const words = { connected: "live", connecting: "connecting", away: "away", locked: "locked" };
  return (
    <span class={`connection ${kind}`} title={`The daemon is ${kind}`}>
      <span class="lamp" />
      <span>{words[kind]}</span>
    </span>
  );
}

function Away() {
  const state = connection.value;
  if (state.kind !== "away") return null;
  const since = clockTime(new Date(state.sinceMs).toISOString(), now.value);
  return (
    <p class="away" role="status">
      <Icon name="warn" />
      The daemon is away since {since}. What you see is from then.
    </p>
  );
}

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { hasToken, logIn } from "./connect/api.ts";
import { unlock } from "./connect/daemon.ts";
import { go } from "./router.ts";
import { followBoard } from "./state/board.ts";

/** The code is removed from the address before anything else is done with it. */
function takeCode(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code !== null) history.replaceState(null, "", location.pathname);
  return code;
}

let code = takeCode();

/** The address has a code, which is used even if this browser is logged in already. */
export const hasCode = signal(code !== null);

export function LoginPage() {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(code !== null);
  useEffect(() => {
    const mine = code;
    code = null;
    if (mine === null) {
      if (hasToken()) go("/", { replace: true });
      return;
    }
    logIn(mine).then(
      (why) => {
        setBusy(false);
        setProblem(why);
        if (why !== null) return;
        unlock();
        go(location.pathname === "/login" ? "/" : location.pathname, { replace: true });
        hasCode.value = false;
        followBoard();
      },
      (error: unknown) => {
        setBusy(false);
        setProblem(error instanceof Error ? error.message : String(error));
      },
    );
  }, []);
  return (
    <main class="login" id="main">
      <img src="/icon.svg" alt="" width="40" height="40" />
      <h1>ao</h1>
      {isBusy ? (
        <p role="status">Logging in</p>
      ) : (
        <>
          {problem !== null && (
            <p class="problem" role="alert">
              {problem}
            </p>
          )}
          <p>
            Run <code>ao dashboard</code> in a terminal on this machine, and open the link that it prints. It is good
            for one minute, and for one browser.
          </p>
        </>
      )}
    </main>
  );
}

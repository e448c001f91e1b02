import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CommandSpec, Context, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "dashboard",
  group: "look",
  position: 25,
  summary: "Open the dashboard in your browser",
  options: [
    { flags: "--no-open", text: "only print the link" },
    { flags: "--qr", text: "show the link as a QR code, for a phone" },
    { flags: "--revoke", text: "log all browsers out" },
    { flags: "--close", text: "close its port, unless a config has `dashboard: true`" },
  ],
  details:
    "The link logs one browser in, once, and is good for a minute. The browser stays logged in until nobody has used it for 30 days, or until `ao dashboard --revoke`.",
  examples: [
    ["ao dashboard", "open it"],
    ["ao dashboard --no-open", "print a link for another browser on this machine"],
    ["ao dashboard --revoke", "log all browsers out"],
  ],
};

export const run: Run = async (input, context) => {
  if (input.flag("qr")) throw withoutTls();
  const [revoke, close] = [input.flag("revoke"), input.flag("close")];
  const { data, meta } = await context.ask("dashboard", { ...(revoke ? { revoke } : {}), ...(close ? { close } : {}) });
  const { link, port, wanted, revoked, hasPage } = data;
  if (link === null) {
    const logins = `logged out ${revoked === 1 ? "1 browser" : `${revoked} browsers`}\n`;
    const place = port === null ? "the dashboard is closed\n" : `the dashboard stays open on port ${port}\n`;
    context.show(data, () => `${revoke ? logins : ""}${close ? place : ""}`, meta);
    return 0;
  }
  const say = (line: string) => (context.isJson ? undefined : context.io.err(`ao: ${line}\n`));
  if (port !== wanted) say(`port ${wanted} is taken, so the dashboard is on ${port}`);
  if (!hasPage) say("the page is not part of this build, run `npm run build`");
  context.show(data, () => ({ verbatim: `${link}\n` }), meta);
  if (input.flag("open") && canOpen(context)) {
    const { openInBrowser } = await import("../output/browser.ts");
    await openInBrowser(context.io, link);
  }
  return 0;
};

/** A script, or a terminal on another machine, gets the link alone. */
const canOpen = ({ io, isJson }: Context): boolean => !isJson && io.isOutTty && io.env.SSH_CONNECTION === undefined;

const withoutTls = (): AoError =>
  new AoError("UNAVAILABLE", "a phone cannot reach the dashboard: it listens on this machine only", {
    hint: "Without TLS everybody in your network could read along. `listen:` will name an address with TLS, in a later release.",
  });

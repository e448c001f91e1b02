import { type Logger, WebClient } from "@slack/web-api";

const quiet = () => undefined;

/** The SDK prints what tests cause. */
export const SILENT: Logger = {
  ...{ debug: quiet, info: quiet, warn: quiet, error: quiet, setLevel: quiet, setName: quiet },
  getLevel: () => "error" as ReturnType<Logger["getLevel"]>,
};

/** Slack's own client, which tries everything once. */
export const client = (token: string, slackApiUrl: string): WebClient =>
  new WebClient(token, { slackApiUrl, logger: SILENT, rejectRateLimitedCalls: true, retryConfig: { retries: 0 } });

import { type FaultyServer, faultyServer, json, type Seen } from "@agent-orchestrator/testkit/faulty-server";
import type { ConnectedAccountRetrieveResponse } from "@composio/client/resources/connected-accounts";
import type { ToolExecuteParams, ToolExecuteResponse, ToolRetrieveResponse } from "@composio/client/resources/tools";

export const API_KEY = "ak_S3cret-S3cret-S3cret";
export const VERSION = "20250909_00";
export const TOOL = "SLACK_SEND_MESSAGE";
export const ACCOUNT = "ca_1";

export interface ComposioApi {
  server: FaultyServer;
  /** What the tool was executed with. */
  executed: ToolExecuteParams[];
  /** What the next executions answer. */
  answers: ToolExecuteResponse[];
  account: { status: ConnectedAccountRetrieveResponse["status"] };
}

const DONE: ToolExecuteResponse = { data: { ok: true }, error: null, successful: true, log_id: "log_1" };

const description: ToolRetrieveResponse = {
  ...{ slug: TOOL, name: "Send message", description: "Posts a message", version: VERSION, no_auth: false },
  ...{
    available_versions: [VERSION],
    is_deprecated: false,
    scopes: ["chat:write"],
    scope_requirements: null,
    tags: [],
  },
  input_parameters: { type: "object", properties: { channel: { type: "string" }, text: { type: "string" } } },
  output_parameters: { type: "object", properties: {} },
  toolkit: { slug: "slack", name: "Slack", logo: "https://logos.example/slack.svg" },
  deprecated: {
    ...{ available_versions: [VERSION], displayName: "Send message", is_deprecated: false, version: VERSION },
    toolkit: { logo: "https://logos.example/slack.svg" },
  },
};

/** An error as the API writes it. */
export const apiError = ([status, code]: [number, number], message: string, headers: Record<string, string> = {}) =>
  json({ error: { message, code, slug: "Error", status, request_id: "r1", suggested_fix: "" } }, headers, status);

/**
 * The routes of Composio's API v3.1 that executing a tool needs, with one project, one tool and one account. Its client is the real
 * one, and the bodies have its types.
 */
export async function composioApi(): Promise<ComposioApi> {
  const server = await faultyServer();
  const api: ComposioApi = { server, executed: [], answers: [], account: { status: "ACTIVE" } };
  const known =
    (answer: (request: Seen) => ReturnType<typeof json>): ReturnType<typeof json> =>
    (request, response, count) => {
      const isOurs = request.headers["x-api-key"] === API_KEY;
      const behaviour = isOurs ? answer(request) : apiError([401, 10401], "Invalid API key");
      return behaviour(request, response, count);
    };
  server.on(
    `/api/v3.1/tools/${TOOL}`,
    known(({ url }) =>
      new URL(url, server.origin).searchParams.get("version") === VERSION
        ? json(description)
        : apiError([404, 2401], "Tool version not found"),
    ),
  );
  server.on(
    `/api/v3.1/tools/execute/${TOOL}`,
    known(({ method, body }) => {
      if (method !== "POST") return apiError([405, 405], "Method not allowed");
      const asked = JSON.parse(body) as ToolExecuteParams;
      const { connected_account_id: account = ACCOUNT } = asked;
      if (account !== ACCOUNT) return apiError([400, 1803], `No connected account found for ${account}`);
      api.executed.push(asked);
      return json(api.answers.shift() ?? DONE);
    }),
  );
  const { status: _status, ...rest } = { status: "", id: ACCOUNT, is_disabled: false, status_reason: null };
  server.on(
    `/api/v3.1/connected_accounts/${ACCOUNT}`,
    known(() => json({ ...rest, ...api.account })),
  );
  return api;
}

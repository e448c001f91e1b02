// Asks a model as aider does through litellm: with errors in litellm's words and retries after growing waits. Unlike aider it offers tools,
// because the scripted model of these tests says what to do by calling them.
const RETRY_S = Number(process.env.AIDER_STAND_IN_RETRY_S ?? 60);

const TOOLS = {
  write: { filePath: "string", content: "string" },
  edit: { filePath: "string", oldString: "string", newString: "string" },
  read: { filePath: "string" },
  bash: { command: "string" },
};

const tools = Object.entries(TOOLS).map(([name, properties]) => ({
  type: "function",
  function: {
    name,
    parameters: {
      type: "object",
      properties: Object.fromEntries(Object.entries(properties).map(([key, type]) => [key, { type }])),
    },
  },
}));

const SENTENCES = {
  0: ["APIConnectionError", true, null],
  401: ["AuthenticationError", false, "The API provider is not able to authenticate you. Check your API key."],
  402: ["APIError", true, null],
  403: ["PermissionDeniedError", false, null],
  404: ["NotFoundError", false, null],
  429: ["RateLimitError", true, "The API provider has rate limited you. Try again later or check your quotas."],
  500: ["InternalServerError", true, "The API provider's servers are down or overloaded."],
  503: ["ServiceUnavailableError", true, "The API provider's servers are down or overloaded."],
};

export class ModelError extends Error {
  constructor(status, message) {
    const [name, isRetried, sentence] =
      SENTENCES[status] ?? (status >= 500 ? SENTENCES[500] : ["BadRequestError", false, null]);
    super(`litellm.${name}: ${name === "BadRequestError" ? "" : `${name}: `}OpenAIException - ${message}`);
    Object.assign(this, { isRetried, sentence });
  }
}

export class Model {
  constructor({ name, base, key, conversation }) {
    Object.assign(this, { name, base, key, conversation });
  }

  /** One answer: `{ text, calls, usage }`. Throws a ModelError, or an AbortError. */
  async ask(messages, { signal, isSide = false }) {
    const headers = {
      "content-type": "application/json",
      authorization: `Bearer ${this.key}`,
      "user-agent": "aider-stand-in",
    };
    if (this.conversation !== undefined) headers["session-id"] = this.conversation;
    const body = { model: this.name, messages, stream: false, ...(isSide ? {} : { tools }) };
    const url = `${this.base.replace(/\/$/, "")}/chat/completions`;
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal }).catch((error) => {
      if (signal?.aborted) throw error;
      throw new ModelError(0, "Connection error.");
    });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new ModelError(answer.status, said.error?.message ?? `status ${answer.status}`);
    if (said.choices === undefined)
      throw new ModelError(0, "peer closed connection without sending complete message body");
    const { message } = said.choices[0];
    return { text: message.content ?? "", calls: message.tool_calls ?? [], usage: said.usage ?? {} };
  }

  /** Retries for as long as aider does. Calls `onRetry(error, seconds)` before each wait. */
  async askPatiently(messages, { signal, onRetry }) {
    for (let wait = 0.125; ; ) {
      try {
        return await this.ask(messages, { signal });
      } catch (error) {
        wait *= 2;
        if (!(error instanceof ModelError) || !error.isRetried || wait > RETRY_S) throw error;
        onRetry(error, wait);
        await sleep(wait * 1000, signal);
      }
    }
  }
}

function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

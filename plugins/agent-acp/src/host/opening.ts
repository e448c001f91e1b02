import type {
  InitializeResponse,
  NewSessionResponse,
  SessionConfigOption,
  SessionModeState,
} from "@agentclientprotocol/sdk";
import type { HostSpec } from "../wire.ts";
import type { Dialogs } from "./dialogs.ts";
import { AUTH_REQUIRED, NOT_FOUND, type Peer, RpcError } from "./peer.ts";

/** An open conversation with an agent. */
export interface Opened {
  thread: string;
  /** Its name and version, to show. */
  agent: string;
  /** A later launch can resume the conversation. */
  canReturn: boolean;
  model: string | null;
}

export interface OpeningParts {
  peer: Peer;
  spec: Pick<HostSpec, "cwd" | "resume" | "mode" | "model" | "auth">;
  dialogs: Dialogs;
  /** A sentence for the user at the terminal. */
  note(text: string): void;
  /** Whether the updates from now on are a replay of the past. */
  onReplay(isOn: boolean): void;
}

const CLIENT = {
  protocolVersion: 1,
  // Our agents read, write and run by themselves, in the checkout in which they are started.
  clientCapabilities: {
    fs: { readTextFile: false, writeTextFile: false },
    terminal: false,
    elicitation: { form: {} },
  },
  clientInfo: { name: "ao", version: "0.1.0" },
};

/** The common part of the answers to `session/new`, `session/load` and `session/resume`. `models` is not in the protocol yet. */
type Session = Partial<NewSessionResponse> & { models?: { currentModelId?: unknown } | null };

/** Greets the agent and starts or resumes a conversation. */
export async function open(parts: OpeningParts): Promise<Opened> {
  const hello = await parts.peer.request<InitializeResponse>("initialize", CLIENT);
  const name = hello.agentInfo?.title ?? hello.agentInfo?.name ?? "the agent";
  const agent = [name, hello.agentInfo?.version].filter(Boolean).join(" ");
  const can = hello.agentCapabilities;
  const canReturn = can?.loadSession === true || isOffered(can?.sessionCapabilities?.resume);
  const { resume } = parts.spec;
  const session = await withLogin(parts, hello, () => (resume === null ? begin(parts) : takeUp(parts, hello)));
  const thread = resume ?? String(session.sessionId);
  const model = await choose(parts, thread, session);
  return { thread, agent, canReturn, model };
}

const isOffered = (capability: unknown): boolean => typeof capability === "object" && capability !== null;

const begin = ({ peer, spec }: OpeningParts): Promise<Session> =>
  peer.request<Session>("session/new", { cwd: spec.cwd, mcpServers: [] });

/** The requested conversation is not available. Another one is never started in its place. */
export class CannotReturn extends Error {
  /** The agent no longer knows it, so don't ask again. */
  readonly isForGood: boolean;

  constructor(why: string, isForGood: boolean) {
    super(`the earlier conversation could not be resumed: ${why}`);
    this.isForGood = isForGood;
  }
}

async function takeUp({ peer, spec, onReplay }: OpeningParts, hello: InitializeResponse): Promise<Session> {
  const can = hello.agentCapabilities;
  const params = { sessionId: spec.resume, cwd: spec.cwd, mcpServers: [] };
  const canLoad = can?.loadSession === true;
  if (!canLoad && !isOffered(can?.sessionCapabilities?.resume))
    throw new CannotReturn("this agent takes none up", true);
  onReplay(true);
  try {
    return (await peer.request<Session | null>(canLoad ? "session/load" : "session/resume", params)) ?? {};
  } catch (error) {
    if (!(error instanceof RpcError) || error.code === AUTH_REQUIRED) throw error;
    throw new CannotReturn(
      error.message,
      error.code === NOT_FOUND || /not found|unknown session|no such/i.test(error.message),
    );
  } finally {
    onReplay(false);
  }
}

/** An agent that wants a login gets the method from the config, or the user is asked which. */
async function withLogin<T>(parts: OpeningParts, hello: InitializeResponse, task: () => Promise<T>): Promise<T> {
  let isConfigured = parts.spec.auth !== null;
  for (;;) {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== AUTH_REQUIRED) throw error;
      const methods = (hello.authMethods ?? []).map(({ id, name }) => ({ id: String(id), name: String(name ?? id) }));
      const configured = isConfigured ? (parts.spec.auth ?? undefined) : undefined;
      isConfigured = false;
      const methodId = configured ?? (await askForLogin(parts.dialogs, methods, error.message));
      await parts.peer.request("authenticate", { methodId }).catch((reason: Error) => {
        parts.note(`The login failed: ${reason.message}`);
      });
    }
  }
}

async function askForLogin(dialogs: Dialogs, methods: { id: string; name: string }[], why: string): Promise<string> {
  const answer = await dialogs.ask({
    kind: "notice",
    text: `The agent wants a login: ${why}`,
    choices: methods.map(({ name }) => ({ label: name, isAlways: false, isRefusal: false })),
  });
  const method = answer !== null && "index" in answer ? methods[answer.index] : undefined;
  if (method === undefined) throw new Error("the agent wants a login, and no method was chosen");
  return method.id;
}

/** Sets mode and model as configured. Returns the model in use. */
async function choose(parts: OpeningParts, thread: string, session: Session): Promise<string | null> {
  const { spec, peer, note } = parts;
  const set = async (method: string, params: object, what: string): Promise<boolean> => {
    try {
      await peer.request(method, { sessionId: thread, ...params });
      return true;
    } catch (error) {
      note(`The agent did not take the ${what}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  };
  const option = (category: string) => session.configOptions?.find((each) => each.category === category);
  const setOption = (known: SessionConfigOption, value: string) =>
    set("session/set_config_option", { configId: known.id, value }, `${known.category} ${value}`);
  if (spec.mode !== null) {
    const known = option("mode");
    if (known !== undefined) await setOption(known, spec.mode);
    else if (hasMode(session.modes, spec.mode))
      await set("session/set_mode", { modeId: spec.mode }, `mode ${spec.mode}`);
    else note(`The agent offers no mode ${spec.mode}.`);
  }
  const model = option("model");
  const current = modelIn(session.configOptions) ?? session.models?.currentModelId;
  const inUse = typeof current === "string" ? current : null;
  if (spec.model === null || spec.model === inUse) return inUse;
  const isSet =
    model !== undefined
      ? await setOption(model, spec.model)
      : isOffered(session.models) && (await set("session/set_model", { modelId: spec.model }, `model ${spec.model}`));
  if (!isSet && model === undefined && !isOffered(session.models)) note("The agent does not support choosing a model.");
  return isSet ? spec.model : inUse;
}

const hasMode = (modes: SessionModeState | null | undefined, id: string): boolean =>
  modes?.availableModes.some((mode) => mode.id === id) ?? false;

/** The chosen model among an agent's options. */
export function modelIn(options: readonly SessionConfigOption[] | null | undefined): string | null {
  const model = options?.find(({ category }) => category === "model");
  return model !== undefined && "currentValue" in model ? String(model.currentValue) : null;
}

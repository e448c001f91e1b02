import { z } from "zod";

/** The parts of the app server's messages that we use (JSON-RPC without the `jsonrpc` field). Everything else is ignored. */

export const Status = z.looseObject({
  type: z.string(),
  activeFlags: z.array(z.string()).optional(),
});
export type Status = z.infer<typeof Status>;

export const Thread = z.looseObject({
  id: z.string(),
  sessionId: z.string().nullish(),
  parentThreadId: z.string().nullish(),
  ephemeral: z.boolean().nullish(),
  cwd: z.string().nullish(),
  path: z.string().nullish(),
  name: z.string().nullish(),
  preview: z.string().nullish(),
  model: z.string().nullish(),
  status: Status.nullish(),
});
export type Thread = z.infer<typeof Thread>;

const TurnError = z.looseObject({ message: z.string(), codexErrorInfo: z.unknown().optional() });

export const Turn = z.looseObject({
  id: z.string(),
  status: z.string(),
  error: TurnError.nullish(),
  startedAt: z.number().nullish(),
  completedAt: z.number().nullish(),
});
export type Turn = z.infer<typeof Turn>;

export const Item = z.looseObject({
  type: z.string(),
  id: z.string(),
  clientId: z.string().nullish(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).nullish(),
  text: z.string().nullish(),
  command: z.string().nullish(),
  changes: z.array(z.looseObject({ path: z.string() })).nullish(),
  exitCode: z.number().nullish(),
  status: z.unknown().optional(),
});
export type Item = z.infer<typeof Item>;

const Tokens = z.looseObject({
  inputTokens: z.number(),
  cachedInputTokens: z.number().nullish(),
  cacheWriteInputTokens: z.number().nullish(),
  outputTokens: z.number(),
});

const Window = z.looseObject({ usedPercent: z.number(), resetsAt: z.number().nullish() });

export const RateLimits = z.looseObject({
  primary: Window.nullish(),
  secondary: Window.nullish(),
  rateLimitReachedType: z.unknown().optional(),
});
export type RateLimits = z.infer<typeof RateLimits>;

const threadId = z.string();

/** The notifications that we use, by method. */
const NOTES = {
  "thread/started": z.looseObject({ thread: Thread }),
  "thread/status/changed": z.looseObject({ threadId, status: Status }),
  "thread/name/updated": z.looseObject({ threadId, threadName: z.string().nullish() }),
  "thread/closed": z.looseObject({ threadId }),
  "thread/tokenUsage/updated": z.looseObject({ threadId, tokenUsage: z.looseObject({ total: Tokens }) }),
  "thread/settings/updated": z.looseObject({
    threadId,
    threadSettings: z.looseObject({ model: z.string().nullish() }).nullish(),
  }),
  "turn/started": z.looseObject({ threadId, turn: Turn }),
  "turn/completed": z.looseObject({ threadId, turn: Turn }),
  "item/started": z.looseObject({ threadId, item: Item }),
  "item/completed": z.looseObject({ threadId, item: Item }),
  error: z.looseObject({ threadId, error: TurnError, willRetry: z.boolean() }),
  "account/rateLimits/updated": z.looseObject({ rateLimits: RateLimits }),
  "serverRequest/resolved": z.looseObject({ threadId, requestId: z.union([z.number(), z.string()]) }),
} as const;

export type NoteMethod = keyof typeof NOTES;
export type Note = { [M in NoteMethod]: { method: M; params: z.infer<(typeof NOTES)[M]>; atMs: number } }[NoteMethod];

export const CommandApproval = z.looseObject({
  threadId,
  itemId: z.string(),
  kind: z.string().nullish(),
  reason: z.string().nullish(),
  command: z.string().nullish(),
  availableDecisions: z.array(z.unknown()).nullish(),
  networkApprovalContext: z.looseObject({ host: z.string().nullish() }).nullish(),
});

export const FileApproval = z.looseObject({
  threadId,
  itemId: z.string(),
  reason: z.string().nullish(),
  grantRoot: z.string().nullish(),
});

export const UserInput = z.looseObject({
  threadId,
  itemId: z.string(),
  questions: z.array(
    z.looseObject({
      id: z.string(),
      question: z.string(),
      isOther: z.boolean().nullish(),
      isSecret: z.boolean().nullish(),
      options: z.array(z.looseObject({ label: z.string() })).nullish(),
    }),
  ),
});

export const PermissionsApproval = z.looseObject({
  threadId,
  itemId: z.string(),
  reason: z.string().nullish(),
  permissions: z.looseObject({}),
});

export const Elicitation = z.looseObject({
  threadId: z.string().nullish(),
  message: z.string().nullish(),
  serverName: z.string().nullish(),
});

/** One frame as received. */
export const Frame = z.looseObject({
  id: z.union([z.number(), z.string()]).optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.number().optional(), message: z.string() }).optional(),
  emittedAtMs: z.number().optional(),
});
export type Frame = z.infer<typeof Frame>;

/** The notification in a frame, if it is one that we use and has the shape we know. */
export function noteOf(frame: Frame, nowMs: number): Note | null {
  if (frame.method === undefined || frame.id !== undefined || !(frame.method in NOTES)) return null;
  const method = frame.method as NoteMethod;
  const parsed = NOTES[method].safeParse(frame.params);
  if (!parsed.success) return null;
  return { method, params: parsed.data, atMs: frame.emittedAtMs ?? nowMs } as Note;
}

import { z } from "zod";

/** The parts of OpenCode's API that we use (recorded from 1.18.33; `GET /doc` describes it). Unknown fields and kinds are accepted. */

export const Tokens = z.looseObject({
  input: z.number().default(0),
  output: z.number().default(0),
  reasoning: z.number().default(0),
  cache: z.looseObject({ read: z.number().default(0), write: z.number().default(0) }).default({ read: 0, write: 0 }),
});

export type Tokens = z.infer<typeof Tokens>;

export const Conversation = z.looseObject({
  id: z.string(),
  directory: z.string(),
  parentID: z.string().optional(),
  title: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  model: z.looseObject({ id: z.string(), providerID: z.string() }).optional(),
  cost: z.number().optional(),
  tokens: Tokens.optional(),
  time: z.looseObject({ created: z.number(), updated: z.number().optional() }),
});
export type Conversation = z.infer<typeof Conversation>;

export const Status = z.looseObject({
  type: z.string(),
  /** For `retry`. */
  attempt: z.number().optional(),
  message: z.string().optional(),
  /** When it retries, in milliseconds since the epoch. */
  next: z.number().optional(),
  action: z.looseObject({ reason: z.string(), message: z.string().optional() }).optional(),
});
export type Status = z.infer<typeof Status>;

const Tool = z.looseObject({ messageID: z.string(), callID: z.string() });

export const PermissionRequest = z.looseObject({
  id: z.string(),
  sessionID: z.string(),
  permission: z.string(),
  patterns: z.array(z.string()).default([]),
  metadata: z.record(z.string(), z.unknown()).default({}),
  always: z.array(z.string()).default([]),
  tool: Tool.optional(),
});
export type PermissionRequest = z.infer<typeof PermissionRequest>;

const Question = z.looseObject({
  question: z.string(),
  options: z.array(z.looseObject({ label: z.string(), description: z.string().optional() })),
  multiple: z.boolean().optional(),
  /** False if only the options are accepted. */
  custom: z.boolean().optional(),
});
export type Question = z.infer<typeof Question>;

export const QuestionRequest = z.looseObject({
  id: z.string(),
  sessionID: z.string(),
  questions: z.array(Question),
  tool: Tool.optional(),
});
export type QuestionRequest = z.infer<typeof QuestionRequest>;

export const Failure = z.looseObject({
  name: z.string(),
  data: z
    .looseObject({
      message: z.string().optional(),
      statusCode: z.number().optional(),
      responseHeaders: z.record(z.string(), z.string()).optional(),
      responseBody: z.string().optional(),
    })
    .optional(),
});
export type Failure = z.infer<typeof Failure>;

export const MessageInfo = z.looseObject({
  id: z.string(),
  sessionID: z.string(),
  role: z.string(),
  time: z.looseObject({ created: z.number(), completed: z.number().optional() }),
  error: Failure.optional(),
  /** For an answer: the message that it answers. */
  parentID: z.string().optional(),
  /** For an answer that is complete: why the model ended it (`stop`, `length`, `tool-calls`). */
  finish: z.string().optional(),
  /** True for an answer that is the summary of a compaction. */
  summary: z.unknown().optional(),
  modelID: z.string().optional(),
  providerID: z.string().optional(),
  cost: z.number().optional(),
  tokens: Tokens.optional(),
});
export type MessageInfo = z.infer<typeof MessageInfo>;

export const Part = z.looseObject({
  id: z.string(),
  sessionID: z.string(),
  messageID: z.string(),
  type: z.string(),
  text: z.string().optional(),
  /** Not the user's text, but inserted by OpenCode. */
  synthetic: z.boolean().optional(),
  tool: z.string().optional(),
  callID: z.string().optional(),
  state: z.looseObject({ status: z.string(), input: z.record(z.string(), z.unknown()).optional() }).optional(),
});
export type Part = z.infer<typeof Part>;

export const Message = z.looseObject({ info: MessageInfo, parts: z.array(Part) });
export type Message = z.infer<typeof Message>;

const event = <Name extends string, Body extends z.ZodType>(type: Name, properties: Body) =>
  z.looseObject({ type: z.literal(type), properties });

/** The events that we use. All others are dropped unread. */
export const ServerEvent = z.discriminatedUnion("type", [
  event("server.connected", z.unknown()),
  event("session.created", z.looseObject({ info: Conversation })),
  event("session.updated", z.looseObject({ info: Conversation })),
  event("session.status", z.looseObject({ sessionID: z.string(), status: Status })),
  event("session.idle", z.looseObject({ sessionID: z.string() })),
  event("session.error", z.looseObject({ sessionID: z.string().optional(), error: Failure.optional() })),
  event("permission.asked", PermissionRequest),
  event("permission.replied", z.looseObject({ sessionID: z.string(), requestID: z.string() })),
  event("question.asked", QuestionRequest),
  event("question.replied", z.looseObject({ sessionID: z.string(), requestID: z.string() })),
  event("question.rejected", z.looseObject({ sessionID: z.string(), requestID: z.string() })),
  event("message.updated", z.looseObject({ info: MessageInfo })),
  event("message.part.updated", z.looseObject({ part: Part })),
]);
export type ServerEvent = z.infer<typeof ServerEvent>;

export const EVENT_TYPES: ReadonlySet<string> = new Set(
  ServerEvent.options.map((option) => option.shape.type.value as string),
);

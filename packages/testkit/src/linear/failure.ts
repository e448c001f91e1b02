/** An error as Linear words it. */
export class LinearFailure extends Error {
  readonly type: string;
  readonly code: string;
  readonly status: number;
  readonly shown: string;

  constructor(message: string, kind: { type: string; code: string; status: number; shown?: string }) {
    super(message);
    this.type = kind.type;
    this.code = kind.code;
    this.status = kind.status;
    this.shown = kind.shown ?? message;
  }

  toJSON(): Record<string, unknown> {
    const { type, code, status, shown, message } = this;
    return {
      message,
      extensions: { type, code, statusCode: status, userError: status < 500, userPresentableMessage: shown },
    };
  }
}

export const invalid = (message: string, shown?: string): LinearFailure =>
  new LinearFailure(message, { type: "invalid input", code: "INPUT_ERROR", status: 400, ...(shown && { shown }) });

export const notFound = (entity: string): LinearFailure =>
  invalid(`Entity not found: ${entity}`, `Could not find referenced ${entity}.`);

export const unauthenticated = (): LinearFailure =>
  new LinearFailure("Authentication required, not authenticated", {
    ...{ type: "authentication error", code: "AUTHENTICATION_ERROR", status: 401 },
    shown: "You need to authenticate to access this operation.",
  });

export const missingScope = (scope: string): LinearFailure =>
  new LinearFailure(`Invalid scope: \`${scope}\` required`, { type: "forbidden", code: "FORBIDDEN", status: 403 });

export const rateLimited = (): LinearFailure =>
  new LinearFailure("Rate limit exceeded", { type: "ratelimited", code: "RATELIMITED", status: 400 });

export const tooComplex = (limit: number): LinearFailure =>
  new LinearFailure("Query too complex", {
    ...{ type: "invalid input", code: "INPUT_ERROR", status: 400 },
    shown: `The query is too complex. The limit is ${limit}.`,
  });

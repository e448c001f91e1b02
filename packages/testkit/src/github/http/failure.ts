/** A refusal in GitHub's own words. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: unknown[] | null;
  readonly headers: Record<string, string>;
  readonly documentation: string;
  /** The `type` of the same refusal in GraphQL. */
  readonly type: string;

  constructor(
    status: number,
    message: string,
    more: { errors?: unknown[]; headers?: Record<string, string>; documentation?: string; type?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.errors = more.errors ?? null;
    this.headers = more.headers ?? {};
    this.documentation = more.documentation ?? "https://docs.github.com/rest";
    this.type = more.type ?? { 403: "FORBIDDEN", 404: "NOT_FOUND" }[status] ?? "UNPROCESSABLE";
  }

  get body(): Record<string, unknown> {
    return {
      message: this.message,
      ...(this.errors === null ? {} : { errors: this.errors }),
      documentation_url: this.documentation,
      status: String(this.status),
    };
  }
}

export const notFound = (): Refusal => new Refusal(404, "Not Found");

export interface InvalidField {
  resource: string;
  field: string;
  code: "missing" | "missing_field" | "invalid" | "already_exists" | "custom";
  message?: string;
  value?: unknown;
}

export const invalid = (...errors: InvalidField[]): Refusal => new Refusal(422, "Validation Failed", { errors });

export const custom = (resource: string, message: string): Refusal =>
  new Refusal(422, "Validation Failed", { errors: [{ resource, code: "custom", message }] });

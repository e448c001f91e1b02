/** The body of an answer that is no JSON. Octokit returns bytes where the type names no character set. */
export function toText(data: unknown): string {
  if (typeof data === "string") return data;
  return data instanceof ArrayBuffer || data instanceof Uint8Array ? new TextDecoder().decode(data) : "";
}

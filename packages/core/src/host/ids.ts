import { randomBytes } from "node:crypto";

/** 16 characters of a–z and 2–7: safe in file names, tmux options and URLs, and unguessable. */
export function newId(): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  return Array.from(randomBytes(16), (byte) => alphabet[byte & 31]).join("");
}

/** A secret for a token file: 256 bits, hex. */
export const newToken = (): string => randomBytes(32).toString("hex");

/** A number from 0 up to 1, to spread what would otherwise happen at the same moment. */
export const spread = (): number => Math.random();

/** One of aider's yes-or-no questions at its prompt. */
export interface Confirm {
  /** Without choices: `Run shell command?` */
  question: string;
  /** In aider's own order. */
  choices: Choice[];
  /** What somebody typed after it. */
  typed: string;
}

export interface Choice {
  label: string;
  /** The key for it. Enter follows. */
  key: string;
}

const YES: Choice = { label: "Yes", key: "y" };
const NO: Choice = { label: "No", key: "n" };
const ALL: Choice = { label: "All", key: "a" };
const SKIP: Choice = { label: "Skip all", key: "s" };
const NEVER: Choice = { label: "Don't ask again", key: "d" };

const QUESTION =
  /(\S.*?) \(Y\)es\/\(N\)o(\/\(A\)ll)?(\/\(S\)kip all)?(\/\(D\)on't ask again)? \[(?:Yes|No|[a-z]+)\]:(?: (.*))?$/;

/** Null if this line is not such a question. */
export function parseConfirm(line: string): Confirm | null {
  const found = QUESTION.exec(line);
  if (found === null) return null;
  const [, question = "", all, skip, never, typed = ""] = found;
  const choices = [YES, NO, ...(all ? [ALL] : []), ...(skip ? [SKIP] : []), ...(never ? [NEVER] : [])];
  return { question: question.trim(), choices, typed: typed.trim() };
}

/** A question and its answer, as in the chat history once it was answered. */
export const isAnswered = (line: string): boolean => (parseConfirm(line)?.typed ?? "") !== "";

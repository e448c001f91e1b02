/** Options that a program may be given without a question. Whatever isn't listed is asked about. */
export interface KnownOptions {
  /** Exact words: `--stat`, `-q`. Letters of one-letter flags may also stand together: `-qv`. */
  flags: readonly string[];
  /** Take a value, in the next word or attached: `-m text`, `--message text`, `--message=text`. The value may be any text. */
  texts?: readonly string[];
  /** Take a value only when it is attached: `--format=%H`, `-U3`. The value may be any text. */
  attached?: readonly string[];
  /** Take a path in the next word or attached. It must lie inside the checkout. */
  paths?: readonly string[];
}

/** What reading one option used up. */
export interface OptionUse {
  /** Words taken: the option, and perhaps its value. */
  taken: number;
  /** The value, where it is a path. */
  path?: string;
}

/** How many words the option at the start of `words` takes, or null if it is unknown or its value is missing. */
export function readOption(words: readonly string[], known: KnownOptions): OptionUse | null {
  const [word = ""] = words;
  if (known.flags.includes(word)) return { taken: 1 };
  return readValued(words, known) ?? readAttached(word, known) ?? readCluster(words, known);
}

function readValued(words: readonly string[], { texts = [], paths = [] }: KnownOptions): OptionUse | null {
  const [word = "", next] = words;
  const isText = texts.includes(word);
  if (!isText && !paths.includes(word)) return null;
  if (next === undefined) return null;
  return isText ? { taken: 2 } : { taken: 2, path: next };
}

function readAttached(word: string, { texts = [], paths = [], attached = [] }: KnownOptions): OptionUse | null {
  const equals = word.indexOf("=");
  const cuts = word.startsWith("--") ? [equals] : [2, equals];
  for (const cut of cuts.filter((each) => each >= 2 && word.length > each)) {
    const name = word.slice(0, cut);
    if (attached.includes(name) || texts.includes(name)) return { taken: 1 };
    if (paths.includes(name)) return { taken: 1, path: word.slice(cut === equals ? cut + 1 : cut) };
  }
  return null;
}

/** `-qm text`: flags of one letter, the last of which may take a value. */
function readCluster(words: readonly string[], known: KnownOptions): OptionUse | null {
  const letters = /^-([A-Za-z]{2,})$/.exec(words[0] ?? "")?.[1];
  if (letters === undefined) return null;
  const flags = letters.slice(0, -1);
  if (![...flags].every((letter) => known.flags.includes(`-${letter}`))) return null;
  const last = `-${letters.at(-1)}`;
  return known.flags.includes(last) ? { taken: 1 } : readValued([last, ...words.slice(1)], known);
}

import { appendFileSync, chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A folder where an agent works, for the steps below. */
export interface Work {
  path: string;
  git(...args: string[]): string;
  /** The same for commands that are meant to stop half-way (a conflict). */
  attempt(...args: string[]): void;
}

const put = ({ path }: Work, file: string | Buffer, text: string | Buffer): void => {
  const target = typeof file === "string" ? join(path, file) : Buffer.concat([Buffer.from(`${path}/`), file]);
  if (typeof target === "string") mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
};

/** Creates two branches that differ in `a.txt`, so that merging them stops. */
function diverge(work: Work): void {
  work.git("checkout", "-q", "-f", "-B", "theirs");
  put(work, "a.txt", "theirs\n");
  work.git("commit", "-qam", "theirs", "--allow-empty");
  work.git("checkout", "-q", "-f", "-B", "feat/42", "HEAD~1");
  put(work, "a.txt", "ours\n");
  work.git("commit", "-qam", "ours", "--allow-empty");
}

/** Things that agents do to a checkout. Each can follow any other. */
export const STEPS: Record<string, (work: Work, n: number) => void> = {
  edit: (work, n) => put(work, "a.txt", `edited ${n}\n`),
  editDeep: (work, n) => put(work, "src/deep/c.txt", `deep ${n}\n`),
  stage: (work) => work.attempt("add", "-A", "--", ".", ":!nested*"),
  stageSome: (work, n) => {
    put(work, "b.txt", `staged ${n}\n`);
    work.attempt("add", "b.txt");
    put(work, "b.txt", `not staged ${n}\n`);
  },
  commit: (work, n) => work.attempt("commit", "-qam", `work ${n}`),
  remove: (work) => rmSync(join(work.path, "b.txt"), { force: true }),
  removeStaged: (work) => work.attempt("rm", "-q", "-f", "--ignore-unmatch", "src/deep/c.txt"),
  rename: (work, n) => work.attempt("mv", "-f", "run.sh", `moved-${n}.sh`),
  untracked: (work, n) => put(work, `new/${n}/file.txt`, `untracked ${n}`),
  ignored: (work, n) => put(work, `local-${n}.secret`, `ignored ${n}`),
  ignoredFolder: (work, n) => put(work, `private/${n}/x.bin`, Buffer.from([0, 255, n])),
  regenerable: (work, n) => put(work, `node_modules/p${n}/index.js`, "made again"),
  notReallyRegenerable: (work, n) => put(work, `dist/${n}.txt`, "not ignored: work"),
  mode: (work) => existsSync(join(work.path, "a.txt")) && chmodSync(join(work.path, "a.txt"), 0o755),
  privateMode: (work) => existsSync(join(work.path, "b.txt")) && chmodSync(join(work.path, "b.txt"), 0o600),
  readOnly: (work, n) => {
    put(work, `sealed-${n}/x`, "x");
    chmodSync(join(work.path, `sealed-${n}`), 0o555);
  },
  link: (work, n) => symlinkSync("/nowhere/at all", join(work.path, `link-${n}`)),
  fileToLink: (work) => {
    rmSync(join(work.path, "a.txt"), { force: true });
    symlinkSync("b.txt", join(work.path, "a.txt"));
  },
  fileToFolder: (work) => {
    rmSync(join(work.path, "b.txt"), { force: true, recursive: true });
    put(work, "b.txt/inside.txt", "a folder now");
  },
  folderToFile: (work) => {
    rmSync(join(work.path, "src"), { force: true, recursive: true });
    put(work, "src", "a file now");
  },
  emptyFolder: (work, n) => mkdirSync(join(work.path, `empty/${n}`), { recursive: true }),
  oddNames: (work, n) => {
    put(work, ` -x "q" 'q' \\ \n${n}`, "odd");
    put(work, Buffer.from([0x66, 0xff, 0xfe, 0x30 + n]), "not UTF-8");
  },
  lineEnds: (work, n) => put(work, "crlf.txt", `one\r\ntwo ${n}\r\n`),
  intentToAdd: (work, n) => {
    put(work, `intended-${n}.txt`, "soon");
    work.attempt("add", "-N", `intended-${n}.txt`);
  },
  assumeUnchanged: (work) => work.attempt("update-index", "--assume-unchanged", "a.txt"),
  nested: (work, n) => {
    put(work, `nested-${n}/in.txt`, "in");
    work.git("-C", join(work.path, `nested-${n}`), "init", "-q");
    work.git("-C", join(work.path, `nested-${n}`), "add", "-A");
    work.git("-C", join(work.path, `nested-${n}`), "commit", "-qm", "nested");
    put(work, `nested-${n}/more.txt`, "uncommitted in the nested one");
  },
  submodule: (work, n) =>
    existsSync(join(work.path, "sub/.git")) && appendFileSync(join(work.path, "sub/s.txt"), `${n}`),
  detach: (work) => work.attempt("checkout", "-q", "--detach"),
  detachedCommit: (work, n) => {
    work.attempt("checkout", "-q", "--detach");
    work.attempt("commit", "-qam", `detached ${n}`, "--allow-empty");
  },
  merge: (work) => {
    work.attempt("merge", "--abort");
    work.attempt("rebase", "--abort");
    diverge(work);
    work.attempt("merge", "-q", "theirs");
  },
  rebase: (work) => {
    work.attempt("merge", "--abort");
    work.attempt("rebase", "--abort");
    diverge(work);
    work.attempt("rebase", "-q", "theirs");
  },
  cherryPick: (work) => {
    work.attempt("merge", "--abort");
    work.attempt("rebase", "--abort");
    diverge(work);
    work.attempt("cherry-pick", "theirs");
  },
  bisect: (work) => {
    work.attempt("bisect", "start");
    work.attempt("bisect", "bad");
  },
  splitIndex: (work) => work.attempt("update-index", "--split-index"),
};

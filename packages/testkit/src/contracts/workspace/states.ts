import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** The repository that the steps below expect. */
export const STATE_FILES = {
  "a.txt": "a\n",
  "b.txt": "b\n",
  "src/deep/c.txt": "c\n",
  "run.sh": "#!/bin/sh\n",
  "crlf.txt": "one\ntwo\n",
  ".gitattributes": "crlf.txt text eol=crlf\n",
  ".gitignore": "*.secret\nprivate/\nnode_modules/\ntarget/\n",
};

/** A folder where an agent works, for the steps below. */
export interface Work {
  path: string;
  /** The session's branch. */
  branch: string;
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
  work.git("checkout", "-q", "-f", "-B", `${work.branch}-theirs`);
  put(work, "a.txt", "theirs\n");
  work.git("commit", "-qam", "theirs", "--allow-empty");
  work.git("checkout", "-q", "-f", "-B", work.branch, "HEAD~1");
  put(work, "a.txt", "ours\n");
  work.git("commit", "-qam", "ours", "--allow-empty");
}

/** Makes a repository with a commit and an uncommitted file in it, which exist nowhere else. */
function makeRepository(work: Work, folder: string): void {
  put(work, `${folder}/in.txt`, `in ${folder}`);
  const path = join(work.path, folder);
  // Not through `work.git`: in a checkout that has another repository these still must not find that one.
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
    ["commit", "-qm", "nested"],
  ])
    work.git("-C", path, ...args);
  put(work, `${folder}/more.txt`, "uncommitted in the nested one");
}

/** Gives a file an extended attribute. Node cannot, but tar can write one that it was told of. */
export function setAttribute(dir: string, file: string, value: string): void {
  const archive = execFileSync("tar", [
    "-C",
    dir,
    "--format=posix",
    `--pax-option=SCHILY.xattr.user.ao:=${value}`,
    "-cf",
    "-",
    file,
  ]);
  execFileSync("tar", ["-C", dir, "--xattrs", "--xattrs-include=user.*", "-xf", "-"], {
    input: archive,
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** A socket whose program is gone: its file stays. */
function makeSocket(path: string): void {
  const line = "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";
  try {
    execFileSync(process.execPath, ["-e", line, path], { stdio: "ignore" });
  } catch {
    // It ended itself.
  }
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
  nested: (work, n) => makeRepository(work, `nested-${n}`),
  nestedInBuild: (work, n) => {
    makeRepository(work, `target/deps/lib-${n}`);
    put(work, `target/deps/lib-${n}/build/out.txt`, "not committed there");
    put(work, `target/debug/${n}.o`, "made again");
  },
  nestedInPrivate: (work, n) => makeRepository(work, `private/${n}/node_modules/tool`),
  bareInBuild: (work, n) => {
    makeRepository(work, `private/source-${n}`);
    mkdirSync(join(work.path, "node_modules"), { recursive: true });
    work.git("clone", "-q", "--bare", join(work.path, `private/source-${n}`), join(work.path, `node_modules/${n}.git`));
    rmSync(join(work.path, `private/source-${n}`), { recursive: true });
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
    work.attempt("merge", "-q", `${work.branch}-theirs`);
  },
  rebase: (work) => {
    work.attempt("merge", "--abort");
    work.attempt("rebase", "--abort");
    diverge(work);
    work.attempt("rebase", "-q", `${work.branch}-theirs`);
  },
  cherryPick: (work) => {
    work.attempt("merge", "--abort");
    work.attempt("rebase", "--abort");
    diverge(work);
    work.attempt("cherry-pick", `${work.branch}-theirs`);
  },
  bisect: (work) => {
    work.attempt("bisect", "start");
    work.attempt("bisect", "bad");
  },
  splitIndex: (work) => work.attempt("update-index", "--split-index"),
  pipe: (work, n) => execFileSync("mkfifo", [join(work.path, `pipe-${n}`)]),
  socket: (work, n) => makeSocket(join(work.path, `agent-${n}.sock`)),
  attribute: (work, n) => {
    put(work, `marked/odd name \n${n}`, `marked ${n}`);
    setAttribute(join(work.path, "marked"), `odd name \n${n}`, `value ${n}`);
  },
  attributeOfTracked: (work, n) =>
    existsSync(join(work.path, "run.sh")) && setAttribute(work.path, "run.sh", `of a tracked file ${n}`),
  hardLinks: (work, n) => {
    put(work, `linked-${n}`, `linked ${n}`);
    linkSync(join(work.path, `linked-${n}`), join(work.path, `linked-${n}-again`));
  },
  linkOut: (work, n) => symlinkSync("/etc", join(work.path, `etc-${n}`)),
  sparse: (work, n) => {
    put(work, `sparse-${n}.img`, `begin ${n}`);
    truncateSync(join(work.path, `sparse-${n}.img`), 3 * 1024 * 1024);
    appendFileSync(join(work.path, `sparse-${n}.img`), "end");
    truncateSync(join(work.path, `sparse-${n}.img`), 5 * 1024 * 1024 + n);
  },
  closed: (work, n) => {
    put(work, `closed-${n}/deep/x`, "closed");
    chmodSync(join(work.path, `closed-${n}/deep/x`), 0);
    chmodSync(join(work.path, `closed-${n}/deep`), 0o100);
    chmodSync(join(work.path, `closed-${n}`), 0);
  },
};

/** What only a checkout allows whose repository is elsewhere. It comes last, because git works on another repository from then on. */
export function replaceRepository(work: Work): void {
  rmSync(join(work.path, ".git"), { recursive: true, force: true });
  work.git("init", "-q", "-b", "own");
  work.git("add", "-A", "--", ".", ":!nested*");
  work.git("commit", "-qm", "in the agent's own repository");
  put(work, "after.txt", "not committed there");
}

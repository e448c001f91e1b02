import { AoError } from "@agent-orchestrator/core/model/errors";
import type { DockerOptions } from "./options.ts";

/** As the user that runs `ao`, so that the files are the same user's on both sides. Root only if the config says so. */
export function requireUser({ user }: Pick<DockerOptions, "user">): string {
  if (user !== undefined) return user;
  const [uid, gid] = [process.getuid?.() ?? 1000, process.getgid?.() ?? 1000];
  if (uid !== 0) return `${uid}:${gid}`;
  throw new AoError("CONFIG", "`ao` runs as root, and an agent in a container should not", {
    hint: "Run `ao` as another user, or set `user: root` of the runtime. It then has no capabilities, but owns root's files that are mounted.",
  });
}

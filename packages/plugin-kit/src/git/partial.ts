import type { ConfigEntry, RepoConfig } from "./config.ts";

/** Where objects come from, and how that place is reached. Nothing here names a program. */
const SOURCE =
  /^(?:extensions\.partialclone|remote\..+\.(?:url|promisor|partialclonefilter)|url\..+\.insteadof|http\..+|credential\..+)$/;

/** A clone that left objects with its remote, for git to fetch when they are needed (`--filter=blob:none`). */
export const isPartial = ({ own }: Pick<RepoConfig, "own">): boolean =>
  own.some(({ key }) => key === "extensions.partialclone" || /^remote\..+\.promisor$/.test(key));

/** The settings that another git folder with the same objects needs to fetch the missing ones. Includes are resolved. */
export function sourceSettings({ own, user, hasConditionalIncludes }: RepoConfig): ConfigEntry[] {
  const byPlace = hasConditionalIncludes ? user.filter(({ key }) => !/^include(?:if)?\./.test(key)) : [];
  return [...byPlace, ...own.filter(({ key }) => SOURCE.test(key))];
}

/** What git prints when an object that it needs is neither here nor to be had. */
export const isMissingObjects = (text: string): boolean =>
  /could not fetch [0-9a-f]{40,64} from promisor remote|promisor remote|remote did not send all necessary objects|Could not read from remote|unable to access|Could not resolve host/i.test(
    text,
  );

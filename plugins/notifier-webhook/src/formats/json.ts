import { type Format, jsonPost } from "./format.ts";

/** The document of schema/notification.schema.json. */
export const json: Format = (notice, { url }) => jsonPost(url, notice);

import { z } from "zod";

/**
 * An object of our own state. It keeps members that it does not know, as `z.looseObject` does: a newer version wrote them. But code
 * may only name those that it has, so that the compiler finds a name that is not, or no longer, one of them.
 */
export const ownObject = <S extends z.ZodRawShape>(shape: S) => z.looseObject(shape) as unknown as z.ZodObject<S>;

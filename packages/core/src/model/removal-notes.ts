/** How the sentences about a removal begin, in the notes of a session. */
const ABOUT_REMOVAL = /^(?:Not kept|Saved too late|Left aside)\b/;

/** Whether a note is about the last removal of the checkout: what was not kept, and what is where. */
export const isAboutRemoval = (note: string): boolean => ABOUT_REMOVAL.test(note);

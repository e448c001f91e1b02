/** What a terminal sends by itself when a program asks it: attributes, position, modes, colours. */
const ANSWERS =
  /\u001b(?:\[(?:[?>=]?[\d;]*c|\??\d+(?:;\d+)+R|\??\d*n|\?[\d;]*\$y|\?\d+u|[\d;]+t)|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|P[^\u001b]*\u001b\\)/g;

/**
 * What is left of a viewer's input without the answers of its terminal. The program's own terminal has answered already, and a second
 * answer would be taken for keys.
 */
export const withoutAnswers = (text: string): string => text.replace(ANSWERS, "");

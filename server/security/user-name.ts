/** Longest name of a user. */
export const MAX_NAME_LENGTH = 63;
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** The one form of a name, whatever the case it is typed in. */
export const normaliseName = (name: string): string => name.toLowerCase();

/** What is wrong with a normalised name; undefined when nothing is. */
export const nameIssue = (name: string): string | undefined =>
  NAME.test(name)
    ? undefined
    : `must begin with a letter or digit and have at most ${MAX_NAME_LENGTH} letters, digits, dots, dashes and underscores`;

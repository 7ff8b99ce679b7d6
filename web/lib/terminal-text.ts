import stripAnsi from "strip-ansi";
import { foreignText } from "./foreign-text.ts";

/** A line of a log as it may stand on a page: on one line, terminal colours taken out, all else that is invisible written out. */
export const logText = (text: string, maxLength: number): string => foreignText(stripAnsi(text), maxLength);

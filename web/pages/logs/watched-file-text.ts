export const FILE_FORMATS = ["auto", "json", "logfmt", "plain"] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** A file that is to be followed, as somebody writes it. */
export interface FileWish {
  path: string;
  /** Empty: the name of the file. */
  source: string;
  format: FileFormat;
  isFromEnd: boolean;
}

/** What a file of configuration takes for text without quotation marks. */
const PLAIN = /^[\p{L}_/][\p{L}\p{N}_./*-]*$/u;
/** Words that YAML, of one version or another, takes for something else than text. */
const NO_TEXT = /^(y|yes|n|no|on|off|true|false|null)$/i;

/** The lines of the configuration file (YAML) that have a file followed. */
export function watchedFileText({ path, source, format, isFromEnd }: FileWish): string {
  const lines = [
    "logs:",
    "  files:",
    `    - path: ${scalar(path)}`,
    ...(source === "" ? [] : [`      source: ${scalar(source)}`]),
    ...(format === "auto" ? [] : [`      format: ${format}`]),
    ...(isFromEnd ? ["      startAt: end"] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** A JSON text is a YAML text; a plain one reads better. */
const scalar = (text: string): string =>
  PLAIN.test(text) && !NO_TEXT.test(text) ? text : JSON.stringify(text);

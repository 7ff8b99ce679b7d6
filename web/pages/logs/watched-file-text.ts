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

const PLAIN = /^[\p{L}\p{N}_./*][\p{L}\p{N}_./*-]*$/u;

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

/** A JSON text is a YAML text; a plain one reads better. `*` at the beginning would be an alias. */
const scalar = (text: string): string =>
  PLAIN.test(text) && !text.startsWith("*") && !/^[\d.]+$/.test(text) ? text : JSON.stringify(text);

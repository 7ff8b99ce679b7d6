import type { LogLevel } from "../../../schema/rules/log-levels.ts";
import { readLevel } from "../../lib/log-level.ts";

const LEVEL_WORD =
  /(?:^|[\s[(<|])(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|CRIT|CRITICAL|FATAL|PANIC|SEVERE)(?=$|[\s\])>|:,/])/;
const BRACKETED_LEVEL = /[[(<](trace|debug|info|notice|warn|warning|error|err|crit|alert|emerg|fatal)[\])>]/i;
/** A level is looked for no further into a plain line. */
const SEARCHED_CHARACTERS = 200;

/** The level that a plain line states near its beginning. */
export function statedLevel(text: string): LogLevel | undefined {
  const start = text.slice(0, SEARCHED_CHARACTERS);
  return readLevel(LEVEL_WORD.exec(start)?.[1] ?? BRACKETED_LEVEL.exec(start)?.[1]);
}

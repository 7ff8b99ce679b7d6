import type { InputIssue } from "../errors/app-error.ts";

/** What holds between settings, beyond what each may be by itself: the key to blame, and the sentence. */
const RULES: readonly {
  path: string;
  message: string;
  isBroken: (value: (key: string) => unknown) => boolean;
}[] = [
  {
    path: "queryCache.backend",
    message: "redis needs queryCache.redisUrl",
    isBroken: (value) => value("queryCache.backend") === "redis" && value("queryCache.redisUrl") === "",
  },
];

/** The rules that the merged values break. */
export const settingRules = (value: (key: string) => unknown): InputIssue[] =>
  RULES.filter(({ isBroken }) => isBroken(value)).map(({ path, message }) => ({ path, message }));

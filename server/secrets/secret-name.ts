import { AppError } from "../errors/app-error.ts";

/** As environment variables are written, so that one name serves both. */
export const SECRET_NAME_PATTERN = "^[A-Z][A-Z0-9_]{0,63}$";
export const MAX_SECRET_NAME_LENGTH = 64;
const SECRET_NAME = new RegExp(SECRET_NAME_PATTERN);

/** Whether `text` can name a secret. */
export const isSecretName = (text: string): boolean => SECRET_NAME.test(text);

/** @throws AppError `validation_failed` */
export function requireSecretName(text: string): void {
  if (isSecretName(text)) return;
  const message =
    "begins with a capital letter and holds capital letters, digits and _, at most 64, such as SMTP_PASSWORD";
  throw new AppError("validation_failed", `The name of a secret ${message}.`, {
    issues: [{ path: "name", message }],
  });
}

import { AppError } from "../../../errors/app-error.ts";

/** Of the names that keys, and their places, have in DOM events: those that type or move. */
const NAMED = "Enter|Tab|Backspace|Delete|Escape|Home|End|Page(?:Up|Down)|Arrow(?:Up|Down|Left|Right)";
const KEY = new RegExp(`^(?:.|Shift|${NAMED})$`, "su");
const CODE = new RegExp(
  `^(?:Key[A-Z]|Digit\\d|Space|Minus|Equal|Bracket(?:Left|Right)|Backslash|Semicolon|Quote|Backquote|Comma|Period|Slash|Shift(?:Left|Right)|${NAMED})$`,
);
/**
 * First and last of the numbers that Windows gives the same keys, and 0 for none: Backspace, Tab; Enter; Shift; Escape; Space to
 * the arrows; Delete; digits; letters; signs.
 */
const NUMBERS: readonly (readonly [first: number, last: number])[] = [
  ...[[0, 0] as const, [8, 9] as const, [13, 13] as const, [16, 16] as const, [27, 27] as const],
  ...[[32, 40] as const, [46, 46] as const, [48, 57] as const, [65, 90] as const, [186, 192] as const],
  [219, 222],
];
const SHIFT = 8;

/**
 * Refuses input that may paste. A window has the clipboard and the selection of its display: what somebody copied there would
 * stand in the page, to be read. So keys are those that type or move, with Shift alone, and the mouse has no middle button. The
 * page by itself may not read either.
 * @throws AppError `permission_denied`
 */
export function assertTyping(method: string, params: Readonly<Record<string, unknown>>): void {
  const mayPaste =
    (method === "Input.dispatchKeyEvent" && !isTyping(params)) ||
    (method === "Input.dispatchMouseEvent" && params.button === "middle");
  if (!mayPaste) return;
  throw new AppError(
    "permission_denied",
    "In a visible browser, keys type and move, with Shift alone, and the mouse has no middle button: others would paste from the clipboard of the display.",
  );
}

function isTyping(params: Readonly<Record<string, unknown>>): boolean {
  const { modifiers = 0, windowsVirtualKeyCode: number = 0, nativeVirtualKeyCode, key, code } = params;
  return (
    (modifiers === 0 || modifiers === SHIFT) &&
    NUMBERS.some(
      ([first, last]) => Number.isInteger(number) && Number(number) >= first && Number(number) <= last,
    ) &&
    nativeVirtualKeyCode === undefined &&
    (key === undefined || KEY.test(String(key))) &&
    (code === undefined || CODE.test(String(code)))
  );
}

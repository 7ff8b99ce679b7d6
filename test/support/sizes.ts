/** Whether the suite runs at the sizes the product promises, or at reduced ones that show the same behaviour. */
export const IS_FULL = process.env.BINNACLE_TEST_FULL === "1";

/** `full` in the full suite, `reduced` otherwise. */
export const sized = <Size>(reduced: Size, full: Size): Size => (IS_FULL ? full : reduced);

const MAX_LENGTH = 512;
/** A path of our own: no second slash or backslash, which browsers read as another host, and no control character. */
const OWN_PATH = /^\/(?![/\\])[\x21-\x7e]*$/;

/** The page to go to after a sign-in; the front page for whatever could lead to another site. */
export function nextPage(wanted: string | null | undefined): string {
  if (!wanted || wanted.length > MAX_LENGTH || !OWN_PATH.test(wanted) || wanted.includes("\\")) return "/";
  const base = "https://binnacle.invalid";
  const url = URL.parse(wanted, base);
  if (url?.origin !== base) return "/";
  // Once more: `/x/..//other` has become `//other`.
  const path = `${url.pathname}${url.search}${url.hash}`;
  return OWN_PATH.test(path) ? path : "/";
}

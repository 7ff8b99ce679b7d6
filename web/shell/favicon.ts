/** Swaps the page's icon for the one with the red dot while something is alarming. */
export function showAlarmInFavicon(isAlarming: boolean, page: Document): void {
  const href = isAlarming ? "/favicon-alarm.svg" : "/favicon.svg";
  const link = page.querySelector("#favicon");
  if (link !== null && link.getAttribute("href") !== href) link.setAttribute("href", href);
}

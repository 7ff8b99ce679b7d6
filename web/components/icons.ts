import ban from "lucide-static/icons/ban.svg?raw";
import bell from "lucide-static/icons/bell.svg?raw";
import book from "lucide-static/icons/book-open.svg?raw";
import bug from "lucide-static/icons/bug.svg?raw";
import chart from "lucide-static/icons/chart-spline.svg?raw";
import check from "lucide-static/icons/check.svg?raw";
import chevronDown from "lucide-static/icons/chevron-down.svg?raw";
import chevronLeft from "lucide-static/icons/chevron-left.svg?raw";
import chevronRight from "lucide-static/icons/chevron-right.svg?raw";
import clock from "lucide-static/icons/clock.svg?raw";
import compass from "lucide-static/icons/compass.svg?raw";
import copy from "lucide-static/icons/copy.svg?raw";
import download from "lucide-static/icons/download.svg?raw";
import more from "lucide-static/icons/ellipsis.svg?raw";
import external from "lucide-static/icons/external-link.svg?raw";
import gauge from "lucide-static/icons/gauge.svg?raw";
import key from "lucide-static/icons/key-round.svg?raw";
import keyboard from "lucide-static/icons/keyboard.svg?raw";
import lock from "lucide-static/icons/lock.svg?raw";
import signOut from "lucide-static/icons/log-out.svg?raw";
import panelLeft from "lucide-static/icons/panel-left.svg?raw";
import pause from "lucide-static/icons/pause.svg?raw";
import play from "lucide-static/icons/play.svg?raw";
import plug from "lucide-static/icons/plug.svg?raw";
import plus from "lucide-static/icons/plus.svg?raw";
import radio from "lucide-static/icons/radio.svg?raw";
import reload from "lucide-static/icons/refresh-cw.svg?raw";
import scroll from "lucide-static/icons/scroll-text.svg?raw";
import search from "lucide-static/icons/search.svg?raw";
import shield from "lucide-static/icons/shield-check.svg?raw";
import sliders from "lucide-static/icons/sliders-horizontal.svg?raw";
import stop from "lucide-static/icons/square.svg?raw";
import theme from "lucide-static/icons/sun-moon.svg?raw";
import logs from "lucide-static/icons/text.svg?raw";
import trash from "lucide-static/icons/trash-2.svg?raw";
import upload from "lucide-static/icons/upload.svg?raw";
import user from "lucide-static/icons/user-round.svg?raw";
import users from "lucide-static/icons/users.svg?raw";
import graph from "lucide-static/icons/waypoints.svg?raw";
import offline from "lucide-static/icons/wifi-off.svg?raw";
import close from "lucide-static/icons/x.svg?raw";
import zoomOut from "lucide-static/icons/zoom-out.svg?raw";

/** The icons in use, bundled at build time; others of the set cost nothing. */
export const ICONS = {
  ban,
  bell,
  book,
  bug,
  chart,
  check,
  "chevron-down": chevronDown,
  "chevron-left": chevronLeft,
  "chevron-right": chevronRight,
  clock,
  close,
  compass,
  copy,
  download,
  external,
  gauge,
  graph,
  key,
  keyboard,
  lock,
  logs,
  more,
  offline,
  "panel-left": panelLeft,
  pause,
  play,
  plug,
  plus,
  radio,
  reload,
  scroll,
  search,
  shield,
  "sign-out": signOut,
  sliders,
  stop,
  theme,
  trash,
  upload,
  user,
  users,
  "zoom-out": zoomOut,
} as const;

export type IconName = keyof typeof ICONS;

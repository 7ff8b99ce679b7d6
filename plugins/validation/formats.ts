const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const MAX_HOST = 253;
const MAX_TEXT = 2_048;

interface Format {
  /** With its article: "an e-mail address". */
  name: string;
  test: (text: string) => boolean;
}

/** What a text can be. Each test takes time in proportion to the text, and none looks beyond it. */
export const FORMATS = {
  email: { name: "an e-mail address", test: isEmail },
  url: {
    name: "an http or https address",
    test: (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? "") && !/\s/.test(text),
  },
  uri: { name: "a URI", test: (text) => URL.canParse(text) && !/\s/.test(text) },
  ip: { name: "an IP address", test: (text) => isIpv4(text) || isIpv6(text) },
  ipv4: { name: "an IPv4 address", test: isIpv4 },
  ipv6: { name: "an IPv6 address", test: (text) => isIpv6(text) },
  hostname: { name: "a host name", test: isHostname },
  date: { name: "a date (2030-01-31)", test: isDate },
  time: {
    name: "a time (13:45:00)",
    test: (text) =>
      /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$/.test(text),
  },
  dateTime: { name: "a time stamp (2030-01-31T13:45:00Z)", test: isDateTime },
  uuid: { name: "a UUID", test: (text) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) },
  creditCard: { name: "a card number", test: isCardNumber },
  iban: { name: "an IBAN", test: isIban },
  phone: { name: "a telephone number (+49 30 1234567)", test: (text) => isPhone(text) },
  semver: {
    name: "a semantic version",
    test: (text) =>
      /^(?:0|[1-9]\d{0,9})(?:\.(?:0|[1-9]\d{0,9})){2}(?:-[0-9A-Za-z.-]{1,64})?(?:\+[0-9A-Za-z.-]{1,64})?$/.test(
        text,
      ),
  },
} as const satisfies Record<string, Format>;
export type FormatName = keyof typeof FORMATS;

export const isFormat = (name: string): name is FormatName => Object.hasOwn(FORMATS, name);

function isHostname(text: string): boolean {
  const labels = text.replace(/\.$/, "").split(".");
  return (
    text.length <= MAX_HOST &&
    labels.every((label) => LABEL.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? "")
  );
}

/** As mail is delivered today: a plain local part and a domain of at least two labels (RFC 5321 without quoted strings). */
function isEmail(text: string): boolean {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, Math.max(0, at));
  const isLocal =
    /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}$/.test(local.replaceAll(".", "")) && local.length <= 64;
  const areDotsFine = !/^\.|\.\.|\.$/.test(local);
  const domain = text.slice(at + 1);
  return isLocal && areDotsFine && domain.includes(".") && isHostname(domain);
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return (
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
  );
}

/** The URL parser is the judge: it takes exactly RFC 4291 in brackets. */
const isIpv6 = (text: string): boolean =>
  /^[0-9a-f:.]{2,45}$/i.test(text) && text.includes(":") && URL.canParse(`http://[${text}]/`);

/** A day that the calendar has. */
function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const lastDay = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= lastDay;
}

/** RFC 3339 §5.6. */
function isDateTime(text: string): boolean {
  const match =
    /^(.{10})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:[Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/.exec(text);
  if (!match) return false;
  const [, date = "", hours, minutes, seconds] = match;
  return isDate(date) && Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) <= 60;
}

/** ISO/IEC 7812: 12 to 19 digits whose Luhn sum ends in 0. Whether the card exists is not asked. */
function isCardNumber(text: string): boolean {
  const digits = text.replace(/[ -]/g, "");
  if (!/^\d{12,19}$/.test(digits) || /^0+$/.test(digits)) return false;
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const doubled = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

/** Lengths by country (SWIFT IBAN registry); one that is not listed may have 15 to 34 characters. */
const IBAN_LENGTHS: Readonly<Record<string, number>> = {
  AT: 20,
  BE: 16,
  BG: 22,
  CH: 21,
  CY: 28,
  CZ: 24,
  DE: 22,
  DK: 18,
  EE: 20,
  ES: 24,
  FI: 18,
  FR: 27,
  GB: 22,
  GR: 27,
  HR: 21,
  HU: 28,
  IE: 22,
  IS: 26,
  IT: 27,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  MC: 27,
  MT: 31,
  NL: 18,
  NO: 15,
  PL: 28,
  PT: 25,
  RO: 24,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  UA: 29,
};

/** ISO 13616: country, length and the remainder 1 by 97. */
function isIban(text: string): boolean {
  const iban = text.replaceAll(" ", "").toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return false;
  const length = IBAN_LENGTHS[iban.slice(0, 2)];
  if (length !== undefined && length !== iban.length) return false;
  const digits = [...iban.slice(4), ...iban.slice(0, 4)].map((one) => Number.parseInt(one, 36)).join("");
  return BigInt(digits) % 97n === 1n;
}

/** ITU-T E.164, with the spaces, dashes and brackets that people write. */
const isPhone = (text: string): boolean =>
  text.length <= 40 && /^\+?[\d ().-]+$/.test(text) && /^\+?\d{5,15}$/.test(text.replace(/[ ().-]/g, ""));

/** Whether the text is of the format; one that is too long is of none. */
export const hasFormat = (text: string, format: FormatName): boolean =>
  text.length <= MAX_TEXT && FORMATS[format].test(text);

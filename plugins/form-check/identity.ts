const FIRST_NAMES = [
  "Ada",
  "Bela",
  "Chidi",
  "Dana",
  "Emre",
  "Freya",
  "Goran",
  "Hana",
  "Ines",
  "Jamal",
  "Kaya",
  "Lin",
  "Mira",
  "Noor",
  "Olav",
  "Priya",
];
const LAST_NAMES = [
  "Archer",
  "Baker",
  "Carter",
  "Dyer",
  "Eastwood",
  "Fisher",
  "Gardner",
  "Hunter",
  "Ito",
  "Jensen",
  "Kovac",
  "Larsen",
  "Mason",
  "Novak",
  "Okafor",
  "Palmer",
];
const STREETS = [
  "Harbour Street",
  "Mill Lane",
  "Station Road",
  "Orchard Way",
  "Bridge Street",
  "Church Lane",
];
const CITIES = ["Northport", "Eastbridge", "Millford", "Lakeview", "Hillcrest", "Stonehaven"];
/** RFC 2606 §3: nobody can own them, so a mail to a test identity reaches nobody. */
const DOMAINS = ["example.com", "example.net", "example.org"];

/** A person who does not exist. */
export interface Identity {
  firstName: string;
  lastName: string;
  name: string;
  email: string;
  /** From the block that is reserved for fiction (NANP 555-0100 to 555-0199). */
  phone: string;
  street: string;
  city: string;
  postcode: string;
  company: string;
  userName: string;
  password: string;
}

/** The `index`th identity of a seed: the same pair gives the same person. */
export function identityOf(seed: number, index: number): Identity {
  const next = numbers(seed * 7_919 + index * 104_729 + 1);
  const pick = (from: readonly string[]): string => from[Math.floor(next() * from.length)] ?? "";
  const digits = (count: number): string => String(Math.floor(next() * 10 ** count)).padStart(count, "0");
  const [firstName, lastName] = [pick(FIRST_NAMES), pick(LAST_NAMES)];
  const userName = `${firstName}.${lastName}.${digits(4)}`.toLowerCase();
  return {
    firstName,
    lastName,
    name: `${firstName} ${lastName}`,
    email: `${userName}@${pick(DOMAINS)}`,
    phone: `+1 202 555 01${digits(2)}`,
    street: `${1 + Math.floor(next() * 200)} ${pick(STREETS)}`,
    city: pick(CITIES),
    postcode: digits(5),
    company: `${lastName} Test Company`,
    userName,
    password: `Aa1-${digits(6)}-${digits(6)}`,
  };
}

/** Mulberry32 (T. Ettinger): small, and good enough for names. From 0 up to, but without, 1. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

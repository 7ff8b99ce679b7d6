/** Limits of a password, in characters (code points) after normalisation. */
const MIN_PASSWORD_LENGTH = 10;
export const MAX_PASSWORD_LENGTH = 256;

/** The commonest passwords that are long enough to pass the length rule; compared in lower case. */
const COMMONEST = new Set(
  (
    "1234567890 0123456789 0987654321 9876543210 1234567891 12345678910 123456789a a123456789 123456789q 1q2w3e4r5t " +
    "1q2w3e4r5t6y q1w2e3r4t5 q1w2e3r4t5y6 1qaz2wsx3edc qwertyuiop qwerty1234 qwerty12345 qwerty123456 asdfghjkl1 " +
    "asdfghjkl; qazwsxedcr zaq12wsxcde password12 password123 password1234 passw0rd123 p@ssw0rd123 p@ssword123 " +
    "administrator admin12345 admin123456 adminadmin changeme123 changemenow letmein123 letmein1234 welcome123 " +
    "welcome1234 iloveyou123 iloveyou12 sunshine123 princess123 football123 baseball123 superman123 liverpool1 " +
    "basketball charlie123 michael123 jennifer12 abcdefghij abcdefghijk abcd123456 abc1234567 a1b2c3d4e5 " +
    "monkey12345 dragon12345 mustang123 trustno1234 whatever123 starwars123 computer123 internet123 secret1234 " +
    "mypassword password!! password!@# rootroot12 toor123456 testtest12 test123456 binnacle123 binnacle1234"
  ).split(" "),
);

/** The one form of a password, however a keyboard composed it (Unicode NFKC, as NIST SP 800-63B asks). */
export const normalisePassword = (password: string): string => password.normalize("NFKC");

/** What is wrong with `password` as the new password of `userName`; undefined when nothing is. */
export function passwordIssue(password: string, userName: string): string | undefined {
  const plain = normalisePassword(password);
  const { length } = [...plain];
  const lower = plain.toLowerCase();
  if (length < MIN_PASSWORD_LENGTH) return `must have at least ${MIN_PASSWORD_LENGTH} characters`;
  if (length > MAX_PASSWORD_LENGTH) return `must have at most ${MAX_PASSWORD_LENGTH} characters`;
  if (lower === userName.toLowerCase()) return "must not be the name";
  if (COMMONEST.has(lower)) return "is among the commonest passwords: the first that an attacker tries";
  if (new Set(lower).size < 3) return "must have more than two different characters";
  return undefined;
}

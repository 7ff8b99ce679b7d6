/**
 * A JSON value with every secret in its texts replaced; the value itself when there is none.
 * @param scrub takes secrets out of a text, see the exchange.
 */
export function withoutSecrets<Value extends object>(value: Value, scrub: (text: string) => string): Value {
  const text = JSON.stringify(value);
  const clean = scrub(text);
  return clean === text ? value : (JSON.parse(clean) as Value);
}

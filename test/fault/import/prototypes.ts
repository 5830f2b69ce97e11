/** What every object inherits, to be compared before and after hostile input. */
export function prototypes(): string {
  return [Object.prototype, Array.prototype, Function.prototype, Map.prototype]
    .map((one) => Reflect.ownKeys(one).map(String).sort().join())
    .join('\n');
}

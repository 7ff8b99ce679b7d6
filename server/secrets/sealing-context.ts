/** What a value is encrypted as: another secret's value, or an older one, does not open in its place. */
export const contextOf = (name: string, version: number): string => `binnacle secret\0${name}\0${version}`;

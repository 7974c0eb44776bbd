// Numbers that look random and are the same on every machine.

/**
 * A number in [0, 1) that the arguments alone decide, in whatever order it is asked for.
 * @param {...(string | number)} parts
 */
export function chance(...parts) {
  let hash = 0x811c9dc5;
  for (const char of parts.join("\n")) hash = Math.imul(hash ^ char.codePointAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

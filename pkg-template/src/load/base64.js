// @ts-check

/**
 * The bytes of base64. A plain loop: `Uint8Array.from(text, fn)` takes four times as long.
 *
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export const decode = (text) => {
  const characters = atob(text);
  let at = characters.length;
  const bytes = new Uint8Array(at);
  while (at--) bytes[at] = characters.charCodeAt(at);
  return bytes;
};

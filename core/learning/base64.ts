/** Bytes as text, for models inside JSON: neither Node's Buffer nor the browser's btoa reaches into the core. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const digitOf = new Int16Array(128).fill(-1);
for (let i = 0; i < alphabet.length; i++) digitOf[alphabet.charCodeAt(i)] = i;

/** Texts are joined in pieces: one string of a million single letters is slow to build. */
const pieceBytes = 3 * 4096;

export function encodeBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    let text = '';
    const to = Math.min(bytes.length, from + pieceBytes);
    for (let i = from; i < to; i += 3) {
      const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
      text += alphabet[group >> 18]! + alphabet[(group >> 12) & 63]!;
      text += (i + 1 < to ? alphabet[(group >> 6) & 63]! : '=') + (i + 2 < to ? alphabet[group & 63]! : '=');
    }
    pieces.push(text);
  }
  return pieces.join('');
}

/** Undefined where the text is no Base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  const digits = text.length - padding;
  let out = 0;
  let held = 0;
  let bits = 0;
  for (let i = 0; i < digits; i++) {
    const value = digitOf[text.charCodeAt(i)] ?? -1;
    if (value < 0) return undefined;
    held = (held << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[out++] = (held >> bits) & 255;
  }
  return bytes;
}

/** The CRC-32 of a text's UTF-16 code units (polynomial 0xEDB88320, as in ISO 3309): finds a damaged file, not a forged one. */
const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

export function checksumOf(text: string): string {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    crc = table[(crc ^ unit) & 255]! ^ (crc >>> 8);
    if (unit > 255) crc = table[(crc ^ (unit >> 8)) & 255]! ^ (crc >>> 8);
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}

import { createHash } from 'node:crypto';

/** Names of this application; any UUID does, as long as it stays. */
const namespace = Buffer.from('8b6f2f0c6a1e4f0b9d0a5a2c3e7d4f16', 'hex');

/** Version 5 (RFC 9562, 5.5): of namespace and name by SHA-1, the same whenever it is asked for. */
export function uuidOf(name: string): string {
  const bytes = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

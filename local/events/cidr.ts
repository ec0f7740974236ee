import { BlockList, isIP } from 'node:net';

/** An address range, `10.0.0.0/24` or `2001:db8::/32`. */
export type CidrRange = BlockList;

export function parseCidr(text: string): CidrRange | undefined {
  const [address = '', bits, more] = text.split('/');
  const family = isIP(address);
  const prefix = Number(bits);
  const most = family === 4 ? 32 : 128;
  if (family === 0 || more !== undefined || !/^\d+$/.test(bits ?? '') || prefix > most) return undefined;
  const range = new BlockList();
  range.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return range;
}

export function contains(range: CidrRange, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && range.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

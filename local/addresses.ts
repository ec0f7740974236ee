/**
 * Names that AWS gives to the public (a sign-in page's, a distribution's) lead nowhere from here, and nothing here speaks
 * TLS. Whatever of them a template spells out becomes the laptop's own address: `https://` its `http://`, `wss://` its `ws://`.
 */
export interface Addresses {
  /** From now on this host name means the laptop. */
  add(host: string): void;
  /** Every text below has the laptop's addresses then. */
  localise<T>(value: T): T;
}

const publicAddress = /(https|wss):\/\/([\w.-]+(?::\d+)?)/g;

/** `http://host:port`; that host in the place of a name is meant too. */
export function createAddresses(endpointUrl: string): Addresses {
  const { host } = new URL(endpointUrl);
  const known = new Set([host]);
  const localiseText = (text: string): string =>
    text.replace(publicAddress, (address, scheme: string, name: string) =>
      known.has(name) ? `${scheme === 'wss' ? 'ws' : 'http'}://${host}` : address,
    );
  const localise = (value: unknown): unknown => {
    if (typeof value === 'string') return localiseText(value);
    if (Array.isArray(value)) return value.map(localise);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, localise(item)]));
  };
  return {
    add: (host) => known.add(host),
    localise: <T>(value: T) => localise(value) as T,
  };
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure, type Result, success } from '../../../core/result.ts';

/** Where the key material is: one certificate for all, or a folder with one for each machine. */
export interface CredentialPaths {
  /** `<folder>/<machineId>/cert.pem` and `private.key`, `<folder>/ca.pem`, and optionally `<folder>/endpoint.json`. */
  readonly folder?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly alpnProtocols?: readonly string[];
}

export function readCredentials(paths: CredentialPaths, clientId: string): Result<TlsMaterial, string> {
  const { folder } = paths;
  const own = folder === undefined ? undefined : join(folder, clientId);
  const ca = paths.ca ?? (folder === undefined ? undefined : join(folder, 'ca.pem'));
  const cert = paths.cert ?? (own === undefined ? undefined : join(own, 'cert.pem'));
  const key = paths.key ?? (own === undefined ? undefined : join(own, 'private.key'));
  const tls: { ca?: Buffer; cert?: Buffer; key?: Buffer } = {};
  for (const [name, path] of Object.entries({ ca, cert, key })) {
    if (path === undefined) continue;
    if (!existsSync(path)) return failure(`${clientId}: no ${name} at "${path}"`);
    try {
      tls[name as 'ca' | 'cert' | 'key'] = readFileSync(path);
    } catch (error) {
      return failure(`${clientId}: cannot read ${name} "${path}": ${(error as NodeJS.ErrnoException).code}`);
    }
  }
  return success(tls);
}

/** The broker's address from the credentials folder: `{"endpoint":"mqtts://host:8883"}`, or a bare host name as AWS gives it. */
export function readEndpoint(folder: string): Result<string, string> {
  const path = join(folder, 'endpoint.json');
  if (!existsSync(path)) return failure(`no --endpoint given and no "${path}"`);
  let endpoint: unknown;
  try {
    endpoint = (JSON.parse(readFileSync(path, 'utf8')) as { endpoint?: unknown }).endpoint;
  } catch (error) {
    return failure(`cannot read "${path}": ${(error as Error).message}`);
  }
  if (typeof endpoint !== 'string') return failure(`"${path}" has no text under "endpoint"`);
  return checkEndpoint(endpoint.includes('://') ? endpoint : `mqtts://${endpoint}`);
}

export function checkEndpoint(endpoint: string): Result<string, string> {
  const url = URL.parse(endpoint);
  if (url === null || !['mqtts:', 'mqtt:'].includes(url.protocol) || url.hostname === '') {
    return failure(`--endpoint: got "${endpoint}", allowed is mqtts://host:port (or mqtt:// for a broker without TLS)`);
  }
  return success(endpoint);
}

/** On port 443 IoT Core tells MQTT from HTTP by this protocol name (AWS IoT Core developer guide, device protocols). */
export const alpnFor = (endpoint: string): TlsMaterial =>
  new URL(endpoint).port === '443' ? { alpnProtocols: ['x-amzn-mqtt-ca'] } : {};

import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Certificate, IotRegistry } from '../../../local/iot/registry.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'iot-registry-'));
  file = join(folder, 'registry.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const thing = (name: string) => ({ name, typeName: null, attributes: { site: 'hall 2' } });
const certificate: Certificate = { id: 'c1', pem: 'PEM', status: 'ACTIVE', policies: [], things: [], createdAtMs: 1 };

describe('the registry of things and certificates', () => {
  it('knows after a restart what was put, changed and deleted before it', () => {
    const first = new IotRegistry(file);
    first.putThing(thing('PUMP-001'));
    first.putThing(thing('PUMP-002'));
    first.putCertificate(certificate);
    first.putCertificate({ ...certificate, status: 'INACTIVE', things: ['PUMP-001'] });
    first.deleteThing('PUMP-002');
    const second = new IotRegistry(file);
    expect([...second.things.keys()]).toEqual(['PUMP-001']);
    expect(second.certificates.get('c1')).toEqual({ ...certificate, status: 'INACTIVE', things: ['PUMP-001'] });
  });

  it('loses nothing but the change that a kill has cut off', () => {
    new IotRegistry(file).putThing(thing('PUMP-001'));
    appendFileSync(file, '\n{"thing":{"name":"PUMP-002","attributes":{}');
    const registry = new IotRegistry(file);
    registry.putThing(thing('PUMP-003'));
    expect([...new IotRegistry(file).things.keys()]).toEqual(['PUMP-001', 'PUMP-003']);
  });

  it('appends a change, whatever it holds already, and is small again after a restart', () => {
    const registry = new IotRegistry(file);
    for (let i = 0; i < 100; i++) registry.putThing(thing(`PUMP-${i}`));
    const bytes = readFileSync(file).length;
    registry.putThing(thing('PUMP-0'));
    expect(readFileSync(file).length - bytes).toBeLessThan(200);
    for (let i = 0; i < 100; i++) registry.putThing(thing('PUMP-0'));
    new IotRegistry(file);
    expect(readFileSync(file).length).toBe(bytes);
  });
});

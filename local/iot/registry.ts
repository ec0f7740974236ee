import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Things, certificates and what is attached to what: small, changed by hand, so one JSON file carries it. */
export interface Thing {
  readonly name: string;
  readonly typeName: string | null;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Certificate {
  /** SHA-256 of the certificate's DER, in hex, as AWS IoT names it. */
  readonly id: string;
  readonly pem: string;
  readonly status: 'ACTIVE' | 'INACTIVE' | 'REVOKED';
  readonly policies: readonly string[];
  readonly things: readonly string[];
  readonly createdAtMs: number;
}

interface Stored {
  readonly version: 1;
  readonly things: readonly Thing[];
  readonly certificates: readonly Certificate[];
}

export const certificateIdOf = (pem: string): string =>
  createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');

export class IotRegistry {
  readonly things = new Map<string, Thing>();
  readonly certificates = new Map<string, Certificate>();
  private readonly file: string;
  /** Rises with each change. */
  version = 0;

  constructor(file: string) {
    this.file = file;
    if (!existsSync(file)) return;
    const stored = JSON.parse(readFileSync(file, 'utf8')) as Stored;
    if (stored.version !== 1) throw new Error(`${file}: version ${stored.version} is not known; start with --fresh`);
    for (const thing of stored.things) this.things.set(thing.name, thing);
    for (const certificate of stored.certificates) this.certificates.set(certificate.id, certificate);
  }

  putThing(thing: Thing): void {
    this.things.set(thing.name, thing);
    this.save();
  }

  deleteThing(name: string): void {
    this.things.delete(name);
    this.save();
  }

  putCertificate(certificate: Certificate): void {
    this.certificates.set(certificate.id, certificate);
    this.save();
  }

  deleteCertificate(id: string): void {
    this.certificates.delete(id);
    this.save();
  }

  /** Written beside and renamed, so that a kill leaves the old file or the new one. */
  private save(): void {
    this.version += 1;
    const stored: Stored = {
      version: 1,
      things: [...this.things.values()],
      certificates: [...this.certificates.values()],
    };
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(`${this.file}.new`, JSON.stringify(stored, null, 1), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
}

import { createHash, X509Certificate } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile } from '../replace-file.ts';

/** Things, certificates and what is attached to what, in memory; a file tells each change in a line, the last of a name counts. */
export interface Thing {
  readonly name: string;
  readonly typeName: string | null;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Certificate {
  /** SHA-256 of the certificate's DER, in hex, as AWS IoT names it. */
  readonly id: string;
  readonly pem: string;
  readonly status: 'ACTIVE' | 'INACTIVE' | 'REVOKED' | 'PENDING_ACTIVATION';
  readonly policies: readonly string[];
  readonly things: readonly string[];
  readonly createdAtMs: number;
}

type Change =
  | { readonly thing: Thing }
  | { readonly certificate: Certificate }
  | { readonly deletedThing: string }
  | { readonly deletedCertificate: string };

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
    mkdirSync(dirname(file), { recursive: true });
    if (!existsSync(file)) return;
    for (const change of readChanges(file)) this.apply(change);
    replaceFile(file, this.list().map(formatChange).join(''), 0o600);
  }

  putThing(thing: Thing): void {
    this.save({ thing });
  }

  deleteThing(name: string): void {
    this.save({ deletedThing: name });
  }

  putCertificate(certificate: Certificate): void {
    this.save({ certificate });
  }

  deleteCertificate(id: string): void {
    this.save({ deletedCertificate: id });
  }

  private save(change: Change): void {
    appendFileSync(this.file, formatChange(change), { mode: 0o600 });
    this.apply(change);
    this.version += 1;
  }

  private apply(change: Change): void {
    if ('thing' in change) this.things.set(change.thing.name, change.thing);
    else if ('certificate' in change) this.certificates.set(change.certificate.id, change.certificate);
    else if ('deletedThing' in change) this.things.delete(change.deletedThing);
    else this.certificates.delete(change.deletedCertificate);
  }

  private list(): Change[] {
    const things = [...this.things.values()].map((thing) => ({ thing }));
    return [...things, ...[...this.certificates.values()].map((certificate) => ({ certificate }))];
  }
}

/** A line end on both sides: what a kill or a full disk has cut off spoils no other line. */
const formatChange = (change: Change): string => `\n${JSON.stringify(change)}\n`;

/** A line that was cut off is a change that nobody was told of. */
function readChanges(file: string): Change[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      if (!line.startsWith('{') || !line.endsWith('}')) return [];
      try {
        return [JSON.parse(line) as Change];
      } catch {
        return [];
      }
    });
}

// Certificates for TLS tests, made with node:crypto alone, so that no openssl program is needed.
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const size = Buffer.from(body.length.toString(16).padStart(body.length > 255 ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length]), size, body]);
};

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts);
const set = (...parts: Uint8Array[]): Buffer => der(0x31, ...parts);
const oid = (...bytes: number[]): Buffer => der(0x06, Buffer.from(bytes));
const octets = (body: Uint8Array): Buffer => der(0x04, body);
const bits = (body: Uint8Array): Buffer => der(0x03, Buffer.from([0]), body);
const yes = (): Buffer => der(0x01, Buffer.from([0xff]));
const utcTime = (at: Date): Buffer =>
  der(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replace(/[-T:]/g, '')}Z`));

const COMMON_NAME = oid(0x55, 0x04, 0x03);
const BASIC_CONSTRAINTS = oid(0x55, 0x1d, 0x13);
const SUBJECT_ALT_NAME = oid(0x55, 0x1d, 0x11);
const ECDSA_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));

const nameOf = (commonName: string): Buffer =>
  sequence(set(sequence(COMMON_NAME, der(0x0c, Buffer.from(commonName)))));

const altName = (host: string): Buffer =>
  /^\d+(\.\d+){3}$/.test(host)
    ? der(0x87, Buffer.from(host.split('.').map(Number)))
    : der(0x82, Buffer.from(host));

const pem = (label: string, body: Buffer): string =>
  `-----BEGIN ${label}-----\n${body.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`;

interface Party {
  readonly name: string;
  readonly key: KeyObject;
}

function certificate(
  subject: { name: string; publicKey: KeyObject },
  issuer: Party,
  extension: Buffer,
  days: number,
): string {
  const now = Date.now();
  const day = 86_400_000;
  const serial = randomBytes(8);
  serial[0] = 0x01; // positive, and no leading zero
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, serial),
    ECDSA_SHA256,
    nameOf(issuer.name),
    sequence(utcTime(new Date(now - 2 * day)), utcTime(new Date(now + days * day))),
    nameOf(subject.name),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  );
  return pem('CERTIFICATE', sequence(body, ECDSA_SHA256, bits(sign('sha256', body, issuer.key))));
}

export interface TlsFiles {
  /** The authority that signed both; for `sslrootcert`. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** A client's certificate, for user `clientName`. */
  readonly clientCertFile: string;
  readonly clientKeyFile: string;
}

/** Writes an authority, a server's and a client's certificate into `dir`. `days` below 0: expired. */
export function makeCertificates(
  dir: string,
  hosts: readonly string[] = ['127.0.0.1', 'localhost'],
  clientName = 'postgres',
  days = 30,
): TlsFiles {
  const newKey = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const ca = newKey();
  const server = newKey();
  const client = newKey();
  const issuer = { name: 'parload test authority', key: ca.privateKey };
  const isCa = sequence(BASIC_CONSTRAINTS, yes(), octets(sequence(yes())));
  const notCa = sequence(BASIC_CONSTRAINTS, octets(sequence()));
  const names = sequence(SUBJECT_ALT_NAME, octets(sequence(...hosts.map(altName))));
  const put = (file: string, text: string): string => {
    const path = join(dir, file);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const keyPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    caFile: put('ca.pem', certificate({ name: issuer.name, publicKey: ca.publicKey }, issuer, isCa, 60)),
    certFile: put(
      'server.pem',
      certificate({ name: hosts[0] ?? 'localhost', publicKey: server.publicKey }, issuer, names, days),
    ),
    keyFile: put('server.key', keyPem(server.privateKey)),
    clientCertFile: put(
      'client.pem',
      certificate({ name: clientName, publicKey: client.publicKey }, issuer, notCa, days),
    ),
    clientKeyFile: put('client.key', keyPem(client.privateKey)),
  };
}

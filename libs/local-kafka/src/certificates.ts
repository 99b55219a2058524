import fs from 'node:fs';
import path from 'node:path';

import { run } from './programs';

/** PEM files of an authority of our own, of the broker at 127.0.0.1 and of one client. */
export interface Certificates {
  readonly caFile: string;
  /** Key, certificate and authority in one file, as Kafka's PEM key store wants them. */
  readonly brokerFile: string;
  readonly clientCertificateFile: string;
  readonly clientKeyFile: string;
}

const DAYS_VALID = '3650';

/** Makes them once per `folder`; they appear together, when all are there. */
export async function ensureCertificates(folder: string): Promise<Certificates> {
  const made = path.join(folder, 'certificates');
  if (!fs.existsSync(made)) await makeCertificates(folder, made);
  return {
    caFile: path.join(made, 'ca.crt'),
    brokerFile: path.join(made, 'broker.pem'),
    clientCertificateFile: path.join(made, 'client.crt'),
    clientKeyFile: path.join(made, 'client.key'),
  };
}

async function makeCertificates(folder: string, made: string): Promise<void> {
  fs.mkdirSync(folder, { recursive: true });
  const work = fs.mkdtempSync(path.join(folder, 'signing-'));
  try {
    await newKey(work, 'ca');
    const authority = ['req', '-x509', '-new', '-key', 'ca.key', '-subj', '/CN=local test authority'];
    await run('openssl', [...authority, '-days', DAYS_VALID, '-out', 'ca.crt'], work);
    await newCertificate(work, 'broker', 'subjectAltName=IP:127.0.0.1,DNS:localhost');
    await newCertificate(work, 'client', 'extendedKeyUsage=clientAuth');
    const parts = ['broker.key', 'broker.crt', 'ca.crt'].map((name) =>
      fs.readFileSync(path.join(work, name)),
    );
    fs.writeFileSync(path.join(work, 'broker.pem'), Buffer.concat(parts), { mode: 0o600 });
    fs.renameSync(work, made);
  } catch (error) {
    if (!fs.existsSync(made)) throw error;
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

async function newKey(folder: string, name: string): Promise<void> {
  const args = ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', `${name}.key`];
  await run('openssl', args, folder);
}

async function newCertificate(folder: string, name: string, extension: string): Promise<void> {
  await newKey(folder, name);
  const request = ['req', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`];
  await run('openssl', request, folder);
  fs.writeFileSync(path.join(folder, `${name}.ext`), `${extension}\n`);
  const signing = [
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
  ];
  signing.push('-days', DAYS_VALID, '-extfile', `${name}.ext`, '-out', `${name}.crt`);
  await run('openssl', signing, folder);
}

import { once } from 'node:events';
import type { Server } from 'node:http';

import { Account, Asset, Keypair, Operation, TransactionBuilder, WebAuth } from '@stellar/stellar-sdk';
import { parse } from 'smol-toml';

import { LedgerKey, readEnvelope } from '../stellar/ledger-key';
import { ClientDomainSigner } from './client-domain-signer';
import { demoWallet } from './demo-wallet';

const NETWORK = 'Standalone Network ; February 2017';
const DOMAIN = 'localhost:8021';

describe('the demo wallet provider', () => {
  const key = LedgerKey.derived('secret of a test', 'provider');
  const server = Keypair.random();
  const person = Keypair.random();
  let provider: Server;
  let url: string;

  beforeAll(async () => {
    const signer = new ClientDomainSigner(key, { domain: DOMAIN, networkPassphrase: NETWORK });
    provider = demoWallet({ signer, networkPassphrase: NETWORK }).listen(0, '127.0.0.1');
    await once(provider, 'listening');
    const address = provider.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });

  afterAll(() => {
    provider.close();
    provider.closeAllConnections();
  });

  it('publishes its signing key', async () => {
    const answer = await fetch(`${url}/.well-known/stellar.toml`);
    expect(parse(await answer.text())).toEqual({ NETWORK_PASSPHRASE: NETWORK, SIGNING_KEY: key.address });
  });

  it('signs a challenge that names it', async () => {
    const answer = await sign(challengeFor(DOMAIN, key.address));
    expect(answer.status).toBe(200);
    const { transaction } = (await answer.json()) as { transaction: string };
    const [, signature] = readEnvelope(transaction, NETWORK).signatures;
    const hash = readEnvelope(transaction, NETWORK).hash();
    expect(
      Keypair.fromPublicKey(key.address).verify(hash, signature?.signature.value ?? new Uint8Array()),
    ).toBe(true);
  });

  it.each([
    ['a challenge that names another provider', () => challengeFor('wallet.example.org', key.address)],
    ["a challenge with another provider's key", () => challengeFor(DOMAIN, person.publicKey())],
    ['a payment', () => payment('0')],
    ['what is no ledger transaction', () => 'AAAA'],
  ])('does not sign %s', async (_, transaction) => {
    expect((await sign(transaction())).status).toBe(400);
  });

  it('does not sign for another network', async () => {
    const transaction = challengeFor(DOMAIN, key.address);
    expect((await sign(transaction, 'Public Global Stellar Network ; September 2015')).status).toBe(400);
  });

  it('refuses a body without the fields, or larger than any challenge', async () => {
    expect((await fetch(`${url}/sign`, { method: 'POST', body: 'null' })).status).toBe(400);
    expect((await fetch(`${url}/sign`, { method: 'POST', body: 'x'.repeat(100_000) })).status).toBe(413);
  });

  const sign = (transaction: string, network_passphrase = NETWORK): Promise<Response> =>
    fetch(`${url}/sign`, { method: 'POST', body: JSON.stringify({ transaction, network_passphrase }) });

  const challengeFor = (clientDomain: string, clientSigningKey: string): string =>
    WebAuth.buildChallengeTx(
      server,
      person.publicKey(),
      'localhost:8001',
      300,
      NETWORK,
      'localhost:8001',
      null,
      clientDomain,
      clientSigningKey,
    );

  function payment(sequence: string): string {
    const source = new Account(key.address, String(BigInt(sequence) - 1n));
    const operation = Operation.payment({
      destination: person.publicKey(),
      asset: Asset.native(),
      amount: '1',
    });
    return new TransactionBuilder(source, {
      fee: '100',
      networkPassphrase: NETWORK,
      timebounds: { minTime: 0, maxTime: 0 },
    })
      .addOperation(operation)
      .build()
      .toXdr();
  }
});

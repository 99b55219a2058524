import type { LedgerAccount, LedgerKey } from '@libs/ledger';
import { Keypair, Operation, Account, TransactionBuilder, WebAuth } from '@stellar/stellar-sdk';

import { newLedgerKey } from './submitter';
import {
  buildChallenge,
  checkSignatures,
  isLinkSignedBy,
  openChallenge,
  signChallenge,
  signLink,
} from './web-auth';

const networkPassphrase = 'Standalone Network ; February 2017';
const server = newLedgerKey();
const client = newLedgerKey();
const wallet = newLedgerKey();
const now = new Date();

const request = {
  server,
  networkPassphrase,
  account: client.address,
  homeDomain: 'pay.test:8001',
  webAuthDomain: 'pay.test:8001',
  memoId: null,
  clientDomain: { domain: 'wallet.test', signingKey: wallet.address },
  now,
};

const check = {
  serverAccount: server.address,
  networkPassphrase,
  webAuthDomain: 'pay.test:8001',
  isHomeDomain: (domain: string): boolean => domain === 'pay.test:8001',
  now,
};

const signed = (envelope: string, ...keys: LedgerKey[]): string =>
  keys.reduce((text, key) => signChallenge(text, networkPassphrase, key), envelope);

const onLedger = (signers: Record<string, number>, medium = 0): LedgerAccount => ({
  address: client.address,
  sequence: 1n,
  latestLedger: 1,
  balances: [],
  signers: Object.entries(signers).map(([key, weight]) => ({ key, weight })),
  thresholds: { low: 0, medium, high: 0 },
  subentries: 0,
  sponsoring: 0,
  sponsored: 0,
  memoRequired: false,
});

function verdict(envelope: string, account: LedgerAccount | null = null): unknown {
  const opened = openChallenge({ ...check, envelope });
  if (!opened.ok) return opened.error;
  const result = checkSignatures(opened.value, server.address, account);
  return result.ok ? 'accepted' : result.error;
}

describe('a web authentication challenge', () => {
  it('is one that the SDK accepts', () => {
    const { envelope } = buildChallenge({ ...request, memoId: '42' });
    const read = WebAuth.readChallengeTx(
      envelope,
      server.address,
      networkPassphrase,
      'pay.test:8001',
      'pay.test:8001',
    );
    expect(read).toMatchObject({
      clientAccountID: client.address,
      matchedHomeDomain: 'pay.test:8001',
      memo: '42',
    });
    const all = signed(envelope, client, wallet);
    const found = WebAuth.verifyChallengeTxSigners(
      all,
      server.address,
      networkPassphrase,
      [client.address],
      'pay.test:8001',
      'pay.test:8001',
    );
    expect(found).toEqual([client.address]);
    expect(verdict(all)).toBe('accepted');
  });

  it('gives back what it was made with', () => {
    const challenge = buildChallenge({ ...request, memoId: '42' });
    const opened = openChallenge({ ...check, envelope: challenge.envelope });
    expect(opened).toMatchObject({
      ok: true,
      value: {
        account: client.address,
        homeDomain: 'pay.test:8001',
        memoId: '42',
        clientDomain: request.clientDomain,
        hash: challenge.hash,
        nonce: challenge.nonce,
        expiresAt: challenge.expiresAt,
      },
    });
  });

  it('needs the signature of the account itself, whatever its thresholds are', () => {
    const { envelope } = buildChallenge(request);
    const other = newLedgerKey();
    const account = onLedger({ [client.address]: 1, [other.address]: 10 });
    expect(verdict(signed(envelope, wallet), account)).toBe('challenge_account_did_not_sign');
    expect(verdict(signed(envelope, wallet, other), account)).toBe('challenge_account_did_not_sign');
    expect(verdict(signed(envelope, wallet, client), account)).toBe('accepted');
    expect(verdict(envelope)).toBe('challenge_account_did_not_sign');
  });

  it('needs the weight of the medium threshold where the account exists', () => {
    const { envelope } = buildChallenge(request);
    const cosigner = newLedgerKey();
    const account = onLedger({ [client.address]: 1, [cosigner.address]: 2 }, 3);
    expect(verdict(signed(envelope, wallet, client), account)).toBe('challenge_weight_too_low');
    expect(verdict(signed(envelope, wallet, client, cosigner), account)).toBe('accepted');
    const locked = onLedger({ [client.address]: 0 }, 1);
    expect(verdict(signed(envelope, wallet, client), locked)).toBe('challenge_weight_too_low');
  });

  it('needs the signature of the client domain that it names', () => {
    const { envelope } = buildChallenge(request);
    expect(verdict(signed(envelope, client))).toBe('challenge_client_domain_did_not_sign');
    expect(verdict(signed(envelope, client, newLedgerKey()))).toBe('challenge_client_domain_did_not_sign');
  });

  it('refuses signatures that nobody asked for', () => {
    const { envelope } = buildChallenge({ ...request, clientDomain: null });
    expect(verdict(signed(envelope, client, newLedgerKey()))).toBe('challenge_unknown_signature');
    expect(verdict(signed(envelope, client, client))).toBe('challenge_unknown_signature');
  });

  it('is refused outside of its time', () => {
    const envelope = signed(buildChallenge(request).envelope, client, wallet);
    const at = (minutes: number): unknown => {
      const opened = openChallenge({ ...check, envelope, now: new Date(now.getTime() + minutes * 60_000) });
      return opened.ok ? 'open' : opened.error;
    };
    expect([at(-6), at(-4), at(14), at(16)]).toEqual([
      'challenge_expired',
      'open',
      'open',
      'challenge_expired',
    ]);
  });

  it('is refused for another home domain, web auth domain, server or network', () => {
    const envelope = signed(buildChallenge(request).envelope, client, wallet);
    const refusal = (changes: Partial<typeof check>): unknown => {
      const opened = openChallenge({ ...check, envelope, ...changes });
      return opened.ok ? 'open' : opened.error;
    };
    expect(refusal({ isHomeDomain: () => false })).toBe('challenge_wrong_home_domain');
    expect(refusal({ webAuthDomain: 'elsewhere.test' })).toBe('challenge_wrong_web_auth_domain');
    expect(refusal({ serverAccount: newLedgerKey().address })).toBe('challenge_not_ours');
    expect(refusal({ networkPassphrase: 'another network' })).toBe('challenge_not_ours');
  });

  it.each(['', 'AAAA', '%%%', 'A'.repeat(60_000)])('is refused when it is %.10s', (envelope) => {
    expect(verdict(envelope)).toBe('challenge_unreadable');
  });

  it('cannot be a ledger transaction that we signed for something else', () => {
    const keypair = Keypair.fromRawEd25519Seed(server.seed);
    const transaction = new TransactionBuilder(new Account(server.address, '-1'), {
      fee: '100',
      networkPassphrase,
      timebounds: { minTime: 0, maxTime: Math.floor(now.getTime() / 1_000) + 60 },
    })
      .addOperation(Operation.bumpSequence({ bumpTo: '0' }))
      .build();
    transaction.sign(keypair);
    expect(verdict(transaction.toXdr())).toBe('challenge_wrong_operations');
  });
});

describe('a signed link', () => {
  const link = 'https://wallet.test/claim?name=Ajuda%20Já&domain=pay.test&asset=USD-GABC';

  it('has sorted parameters and a signature over all that stands before it', () => {
    const made = signLink(link, server);
    expect(made).toMatch(
      /^https:\/\/wallet\.test\/claim\?asset=USD-GABC&domain=pay\.test&name=Ajuda\+J%C3%A1&signature=[0-9a-f]{128}$/,
    );
    expect(isLinkSignedBy(made, server.address)).toBe(true);
    const [unsigned = '', signature = ''] = made.split('&signature=');
    const keypair = Keypair.fromPublicKey(server.address);
    expect(keypair.verify(Buffer.from(unsigned), Buffer.from(signature, 'hex'))).toBe(true);
  });

  it('keeps the scheme of a wallet as it is', () => {
    expect(signLink('walletapp://SDP?b=2&a=1', server)).toMatch(/^walletapp:\/\/SDP\?a=1&b=2&signature=/);
  });

  it('is refused once anything in it was changed', () => {
    const made = signLink(link, server);
    expect(isLinkSignedBy(made.replace('pay.test', 'bad.test'), server.address)).toBe(false);
    expect(
      isLinkSignedBy(
        made.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
        server.address,
      ),
    ).toBe(false);
    expect(isLinkSignedBy(made, client.address)).toBe(false);
    expect(isLinkSignedBy(link, server.address)).toBe(false);
  });
});

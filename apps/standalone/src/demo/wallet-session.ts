import { parse } from 'smol-toml';

import { isSignedBy, type LedgerKey, readEnvelope } from '../stellar/ledger-key';
import { NETWORK_PASSPHRASE } from '../system/installation';
import type { HttpClient } from './http-client';
import { objectIn, textOf } from './json';

export interface WalletOptions {
  readonly http: HttpClient;
  readonly key: LedgerKey;
  readonly wallet: { readonly domain: string; readonly signUrl: string };
  readonly headers: Readonly<Record<string, string>>;
}

/** What an organisation's stellar.toml says, and the token that its SEP-10 gave. */
export interface SepServer {
  readonly signingKey: string;
  readonly transferServer: string;
  readonly token: string;
}

interface Toml {
  readonly signingKey: string;
  readonly webAuth: string;
  readonly transferServer: string;
}

/** A wallet's side of SEP-1, SEP-10 and SEP-24. */
export class WalletSession {
  constructor(private readonly options: WalletOptions) {}

  /** Reads stellar.toml and signs in. */
  async open(domain: string): Promise<SepServer> {
    const toml = await this.readToml(domain);
    const challenge = await this.challenge(domain, toml);
    const signed = await this.coSigned(challenge);
    const { http, headers } = this.options;
    const answer = await http.send({
      method: 'POST',
      url: toml.webAuth,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ transaction: signed }),
    });
    const token = textOf(objectIn(answer, 'sign in with SEP-10'), 'token');
    return { signingKey: toml.signingKey, transferServer: toml.transferServer, token };
  }

  /** Starts a deposit and returns the page that the wallet shows to its user. */
  async deposit(server: SepServer, assetCode: string): Promise<string> {
    const { http, headers, key } = this.options;
    const answer = await http.send({
      method: 'POST',
      url: `${server.transferServer}/transactions/deposit/interactive`,
      headers: { ...headers, 'content-type': 'application/json', authorization: `Bearer ${server.token}` },
      body: JSON.stringify({ asset_code: assetCode, account: key.address, lang: 'en' }),
    });
    return textOf(objectIn(answer, 'start a SEP-24 deposit'), 'url');
  }

  private async readToml(domain: string): Promise<Toml> {
    const { http, headers } = this.options;
    const answer = await http.send({ url: `http://${domain}/.well-known/stellar.toml`, headers });
    if (answer.status !== 200) throw new Error(`stellar.toml: ${String(answer.status)}`);
    const toml = parse(answer.text);
    if (textOf(toml, 'NETWORK_PASSPHRASE') !== NETWORK_PASSPHRASE) throw new Error('another network');
    return {
      signingKey: textOf(toml, 'SIGNING_KEY'),
      webAuth: textOf(toml, 'WEB_AUTH_ENDPOINT'),
      transferServer: textOf(toml, 'TRANSFER_SERVER_SEP0024'),
    };
  }

  /** A challenge that this wallet may sign: made by that server, for this account, never valid on a ledger. */
  private async challenge(domain: string, { webAuth, signingKey }: Toml): Promise<string> {
    const { http, headers, key, wallet } = this.options;
    const query = new URLSearchParams({
      account: key.address,
      home_domain: domain,
      client_domain: wallet.domain,
    });
    const answer = await http.send({ url: `${webAuth}?${query.toString()}`, headers });
    const text = textOf(objectIn(answer, 'ask for a SEP-10 challenge'), 'transaction');
    const envelope = readEnvelope(text, NETWORK_PASSPHRASE);
    const [first] = envelope.operations;
    const signature = envelope.signatures[0]?.signature.value;
    const isGenuine =
      envelope.sequence === '0' &&
      envelope.source === signingKey &&
      first?.type === 'manageData' &&
      first.source === key.address &&
      first.name === `${domain} auth` &&
      signature !== undefined &&
      isSignedBy(signingKey, envelope.hash(), signature);
    if (!isGenuine) throw new Error('this is no challenge of that server');
    key.signEnvelope(envelope);
    return envelope.toXdr();
  }

  /** The wallet provider's server adds its signature: so the organisation knows which wallet this is. */
  private async coSigned(transaction: string): Promise<string> {
    const { http, wallet } = this.options;
    const answer = await http.send({
      method: 'POST',
      url: wallet.signUrl,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ transaction, network_passphrase: NETWORK_PASSPHRASE }),
    });
    return textOf(objectIn(answer, 'co-sign by the wallet provider'), 'transaction');
  }
}

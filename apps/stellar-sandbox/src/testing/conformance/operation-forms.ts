import type { Keypair } from '@stellar/stellar-sdk';
import { xdr } from '@stellar/stellar-sdk';

import { accountOfKey, muxedOfKey } from './envelope-form';

const operation = (body: xdr.OperationBody, source?: Keypair): xdr.Operation =>
  new xdr.Operation({ sourceAccount: source === undefined ? null : muxedOfKey(source), body });

const Body = xdr.OperationBody;

export const NATIVE = xdr.Asset.assetTypeNative();

const alphaNum4 = (code: string, issuer: Keypair): xdr.AlphaNum4 =>
  new xdr.AlphaNum4({ assetCode: new xdr.AssetCode4(code), issuer: accountOfKey(issuer) });

export const credit = (code: string, issuer: Keypair): xdr.Asset =>
  xdr.Asset.assetTypeCreditAlphanum4(alphaNum4(code, issuer));

export const create = (destination: Keypair, startingBalance: bigint, source?: Keypair): xdr.Operation =>
  operation(
    Body.createAccount(new xdr.CreateAccountOp({ destination: accountOfKey(destination), startingBalance })),
    source,
  );

export const payMuxed = (
  destination: xdr.MuxedAccount,
  amount: bigint,
  asset: xdr.Asset = NATIVE,
  source?: Keypair,
): xdr.Operation => operation(Body.payment(new xdr.PaymentOp({ destination, asset, amount })), source);

export const payTo = (
  destination: Keypair,
  amount: bigint,
  asset: xdr.Asset = NATIVE,
  source?: Keypair,
): xdr.Operation => payMuxed(muxedOfKey(destination), amount, asset, source);

export const LIMIT_MAX = 9_223_372_036_854_775_807n;

const lineOf = (asset: xdr.Asset): xdr.ChangeTrustAsset =>
  asset.type === 'assetTypeCreditAlphanum4'
    ? xdr.ChangeTrustAsset.assetTypeCreditAlphanum4(asset.alphaNum4)
    : xdr.ChangeTrustAsset.assetTypeNative();

export const trust = (asset: xdr.Asset, limit = LIMIT_MAX, source?: Keypair): xdr.Operation =>
  operation(Body.changeTrust(new xdr.ChangeTrustOp({ line: lineOf(asset), limit })), source);

export interface OptionsForm {
  readonly inflationDest?: Keypair;
  readonly setFlags?: number;
  readonly clearFlags?: number;
  readonly masterWeight?: number;
  readonly low?: number;
  readonly medium?: number;
  readonly high?: number;
  readonly homeDomain?: string;
  readonly signer?: { readonly key: xdr.SignerKey; readonly weight: number };
}

export const keySigner = (key: Keypair, weight: number): NonNullable<OptionsForm['signer']> => ({
  key: xdr.SignerKey.signerKeyTypeEd25519(key.rawPublicKey()),
  weight,
});

export const options = (form: OptionsForm): xdr.Operation =>
  operation(
    Body.setOptions(
      new xdr.SetOptionsOp({
        inflationDest: form.inflationDest === undefined ? null : accountOfKey(form.inflationDest),
        clearFlags: form.clearFlags ?? null,
        setFlags: form.setFlags ?? null,
        masterWeight: form.masterWeight ?? null,
        lowThreshold: form.low ?? null,
        medThreshold: form.medium ?? null,
        highThreshold: form.high ?? null,
        homeDomain: form.homeDomain ?? null,
        signer: form.signer === undefined ? null : new xdr.Signer(form.signer),
      }),
    ),
  );

export const data = (dataName: string, value: string | null): xdr.Operation =>
  operation(
    Body.manageData(
      new xdr.ManageDataOp({
        dataName,
        dataValue: value === null ? null : new xdr.DataValue(Buffer.from(value)),
      }),
    ),
  );

export const bump = (bumpTo: bigint): xdr.Operation =>
  operation(Body.bumpSequence(new xdr.BumpSequenceOp({ bumpTo })));

export const merge = (destination: Keypair, source?: Keypair): xdr.Operation =>
  operation(Body.accountMerge(muxedOfKey(destination)), source);

export const inflation = (): xdr.Operation => operation(Body.inflation());

export const allow = (trustor: Keypair, code: string, authorize: number): xdr.Operation =>
  operation(
    Body.allowTrust(
      new xdr.AllowTrustOp({
        trustor: accountOfKey(trustor),
        asset: xdr.AssetCode.assetTypeCreditAlphanum4(new xdr.AssetCode4(code)),
        authorize,
      }),
    ),
  );

export const lineFlags = (
  trustor: Keypair,
  asset: xdr.Asset,
  flags: { readonly set?: number; readonly clear?: number },
): xdr.Operation =>
  operation(
    Body.setTrustLineFlags(
      new xdr.SetTrustLineFlagsOp({
        trustor: accountOfKey(trustor),
        asset,
        setFlags: flags.set ?? 0,
        clearFlags: flags.clear ?? 0,
      }),
    ),
  );

export const claw = (from: Keypair, amount: bigint, asset: xdr.Asset): xdr.Operation =>
  operation(Body.clawback(new xdr.ClawbackOp({ from: muxedOfKey(from), amount, asset })));

export const begin = (sponsored: Keypair, source?: Keypair): xdr.Operation =>
  operation(
    Body.beginSponsoringFutureReserves(
      new xdr.BeginSponsoringFutureReservesOp({ sponsoredId: accountOfKey(sponsored) }),
    ),
    source,
  );

export const end = (source?: Keypair): xdr.Operation => operation(Body.endSponsoringFutureReserves(), source);

export const revokeAccount = (account: Keypair): xdr.Operation =>
  operation(
    Body.revokeSponsorship(
      xdr.RevokeSponsorshipOp.revokeSponsorshipLedgerEntry(
        xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: accountOfKey(account) })),
      ),
    ),
  );

export const revokeLine = (account: Keypair, code: string, issuer: Keypair): xdr.Operation =>
  operation(
    Body.revokeSponsorship(
      xdr.RevokeSponsorshipOp.revokeSponsorshipLedgerEntry(
        xdr.LedgerKey.trustline(
          new xdr.LedgerKeyTrustLine({
            accountId: accountOfKey(account),
            asset: xdr.TrustLineAsset.assetTypeCreditAlphanum4(alphaNum4(code, issuer)),
          }),
        ),
      ),
    ),
  );

export interface PathForm {
  readonly send: xdr.Asset;
  readonly destination: Keypair;
  readonly receive: xdr.Asset;
}

export const strictSend = (form: PathForm, sendAmount: bigint, destMin: bigint): xdr.Operation =>
  operation(
    Body.pathPaymentStrictSend(
      new xdr.PathPaymentStrictSendOp({
        sendAsset: form.send,
        sendAmount,
        destination: muxedOfKey(form.destination),
        destAsset: form.receive,
        destMin,
        path: [],
      }),
    ),
  );

export const strictReceive = (form: PathForm, destAmount: bigint, sendMax: bigint): xdr.Operation =>
  operation(
    Body.pathPaymentStrictReceive(
      new xdr.PathPaymentStrictReceiveOp({
        sendAsset: form.send,
        sendMax,
        destination: muxedOfKey(form.destination),
        destAsset: form.receive,
        destAmount,
        path: [],
      }),
    ),
  );

/** One of the operations that this network does not know. */
export const claimableBalance = (amount: bigint, claimant: Keypair): xdr.Operation =>
  operation(
    Body.createClaimableBalance(
      new xdr.CreateClaimableBalanceOp({
        asset: NATIVE,
        amount,
        claimants: [
          xdr.Claimant.claimantTypeV0(
            new xdr.ClaimantV0({
              destination: accountOfKey(claimant),
              predicate: xdr.ClaimPredicate.claimPredicateUnconditional(),
            }),
          ),
        ],
      }),
    ),
  );

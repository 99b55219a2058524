import { createHash, sign } from 'node:crypto';

import { Keypair, xdr } from '@stellar/stellar-sdk';

import { networkIdOf } from '../../engine/envelope';
import { privateKeyOf } from '../ledger-client';

/** A ledger transaction as the wire has it, with nothing checked: bad ones must reach the network too. */
export interface EnvelopeForm {
  readonly source: xdr.MuxedAccount;
  /** The bid for all operations, in stroops. */
  readonly fee: number;
  readonly sequence: bigint;
  readonly operations: readonly xdr.Operation[];
  readonly conditions: xdr.Preconditions;
  readonly memo: xdr.Memo;
  readonly signers: readonly Keypair[];
  readonly passphrase: string;
}

export const accountOfKey = (key: Keypair): xdr.AccountId =>
  xdr.PublicKey.publicKeyTypeEd25519(key.rawPublicKey());

export const muxedOfKey = (key: Keypair, id?: bigint): xdr.MuxedAccount =>
  id === undefined
    ? xdr.MuxedAccount.keyTypeEd25519(key.rawPublicKey())
    : xdr.MuxedAccount.keyTypeMuxedEd25519(
        new xdr.MuxedAccountMed25519({ id, ed25519: new xdr.Uint256Bytes(key.rawPublicKey()) }),
      );

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

export const decorated = (key: Keypair, hash: Buffer): xdr.DecoratedSignature =>
  new xdr.DecoratedSignature({
    hint: new xdr.SignatureHint(key.rawPublicKey().subarray(28)),
    signature: new xdr.Signature(sign(null, hash, privateKeyOf(key))),
  });

const ENVELOPE_TX = Buffer.from([0, 0, 0, 2]);
const ENVELOPE_FEE_BUMP = Buffer.from([0, 0, 0, 5]);

const transactionOf = (form: EnvelopeForm): xdr.Transaction =>
  new xdr.Transaction({
    sourceAccount: form.source,
    fee: form.fee,
    seqNum: form.sequence,
    cond: form.conditions,
    memo: form.memo,
    operations: [...form.operations],
    ext: xdr.TransactionExt.v0(),
  });

export function hashOfForm(form: EnvelopeForm): Buffer {
  return sha256(networkIdOf(form.passphrase), ENVELOPE_TX, transactionOf(form).toXdr());
}

export function sealForm(
  form: EnvelopeForm,
  extra: readonly xdr.DecoratedSignature[] = [],
): xdr.TransactionV1Envelope {
  const hash = hashOfForm(form);
  const signatures = [...form.signers.map((key) => decorated(key, hash)), ...extra];
  return new xdr.TransactionV1Envelope({ tx: transactionOf(form), signatures });
}

export const envelopeOfForm = (form: EnvelopeForm, extra: readonly xdr.DecoratedSignature[] = []): string =>
  xdr.TransactionEnvelope.envelopeTypeTx(sealForm(form, extra)).toXdr('base64');

/** The form that networks used before protocol 13; its hash is that of the new one. */
export function oldEnvelopeOfForm(form: EnvelopeForm, source: Keypair): string {
  const hash = hashOfForm(form);
  const tx = new xdr.TransactionV0({
    sourceAccountEd25519: new xdr.Uint256Bytes(source.rawPublicKey()),
    fee: form.fee,
    seqNum: form.sequence,
    timeBounds: form.conditions.type === 'precondTime' ? form.conditions.timeBounds : null,
    memo: form.memo,
    operations: [...form.operations],
    ext: xdr.TransactionV0Ext.v0(),
  });
  const signatures = form.signers.map((key) => decorated(key, hash));
  const envelope = xdr.TransactionEnvelope.fromXdrObject({
    type: 0,
    v0: new xdr.TransactionV0Envelope({ tx, signatures }).toXdrObject(),
  });
  return envelope.toXdr('base64');
}

export interface BumpForm {
  readonly inner: xdr.TransactionV1Envelope;
  readonly feeSource: Keypair;
  readonly fee: bigint;
  readonly signers: readonly Keypair[];
  readonly passphrase: string;
}

export function bumpOfForm({ fee, feeSource, inner, passphrase, signers }: BumpForm): string {
  const tx = new xdr.FeeBumpTransaction({
    feeSource: muxedOfKey(feeSource),
    fee,
    innerTx: xdr.FeeBumpTransactionInnerTx.envelopeTypeTx(inner),
    ext: xdr.FeeBumpTransactionExt.v0(),
  });
  const hash = sha256(networkIdOf(passphrase), ENVELOPE_FEE_BUMP, tx.toXdr());
  const signatures = signers.map((key) => decorated(key, hash));
  const envelope = new xdr.FeeBumpTransactionEnvelope({ tx, signatures });
  return xdr.TransactionEnvelope.envelopeTypeTxFeeBump(envelope).toXdr('base64');
}

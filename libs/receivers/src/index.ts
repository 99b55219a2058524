import { addressClaimsMigrations } from './migrations/address-claims.migration';
import { arrivingAddressesMigrations } from './migrations/arriving-addresses.migration';
import { arrivingPeopleMigrations } from './migrations/arriving-people.migration';
import { arrivingValuesMigrations } from './migrations/arriving-values.migration';
import { attemptsRetentionMigrations } from './migrations/attempts-retention.migration';
import { broughtPeopleMigrations } from './migrations/brought-people.migration';
import { lateReceiversMigrations } from './migrations/late-receivers.migration';
import { readyWalletsMigrations } from './migrations/ready-wallets.migration';
import { receiverSearchMigrations } from './migrations/receiver-search.migration';
import { receiverHitsMigrations } from './migrations/receiver-hits.migration';
import { receiversMigrations as receiverTablesMigrations } from './migrations/receivers.migration';
import { registrationMigrations } from './migrations/registration.migration';
import { staffChangesMigrations } from './migrations/staff-changes.migration';
import { receiverVacuumMigrations } from './migrations/vacuum.migration';
import { verificationBindingMigrations } from './migrations/verification-binding.migration';
import { walletLookUpsMigrations } from './migrations/wallet-look-ups.migration';

export { InvitationStampsRepository } from './invitation-stamps.repository';
export { type Deposit, DepositRepository, type StoredDeposit } from './deposit.repository';
export { hashOneTimeCode, hashUnknownContact, isOneTimeCode, newOneTimeCode } from './one-time-code';
export { CODE_LIFETIME_SECONDS, type CodeVerdict } from './one-time-code.policy';
export { type CodeOwner, OneTimeCodeRepository } from './one-time-code.repository';
export {
  type NewRegistration,
  RegistrationRepository,
  type VerificationVerdict,
} from './registration.repository';
export { WebAuthNonceRepository } from './web-auth-nonce.repository';
export { type PayeeReference, PayeesRepository, type PayeeWallet } from './payees.repository';
export { type LockedReceiverWallet, ReceiverWalletMoves } from './receiver-wallet-moves.repository';
export {
  bindToReceiver,
  hashVerificationValue,
  hashWithContact,
  type VerificationValue,
} from './verification-value';
export { isPublished, verificationFieldsOf } from './arriving-people.read-model';
export { type ArrivalsPlace, LostArrivals } from './lost-arrivals.repository';
export { type ContactRange, EVERYBODY, PUBLISH_COLUMNS, PUBLISH_TABLE } from './publish-table';
export {
  type Arrival,
  type PublishConflict,
  PublishReceivers,
  type PublishWay,
} from './publish-receivers.repository';
export { verificationMistake } from './verification-format.policy';
export { isTelephone, looksLikePhoneNumber, readEmail } from './contact.policy';
export {
  type ContactConflict,
  type NewReceiver,
  type ReceiverChange,
  ReceiversRepository,
} from './receivers.repository';
export { type AddressChange, type GivenAddress, ReceiverAddresses } from './receiver-addresses.repository';
export { StaffChanges } from './staff-changes.repository';
export { ContactChanges } from './contact-changes.repository';

export const receiversMigrations = [
  ...receiverTablesMigrations,
  ...registrationMigrations,
  ...verificationBindingMigrations,
  ...attemptsRetentionMigrations,
  ...receiverVacuumMigrations,
  ...broughtPeopleMigrations,
  ...arrivingPeopleMigrations,
  ...receiverHitsMigrations,
  ...walletLookUpsMigrations,
  ...arrivingValuesMigrations,
  ...lateReceiversMigrations,
  ...receiverSearchMigrations,
  ...staffChangesMigrations,
  ...addressClaimsMigrations,
  ...arrivingAddressesMigrations,
  ...readyWalletsMigrations,
];

import type { Role } from '@libs/contracts';

/** A person who works for one organisation. */
export interface StaffUser {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly isOwner: boolean;
  readonly isActive: boolean;
  /** What the person may do: the stored roles, and `owner` for the owner. */
  readonly roles: readonly Role[];
}

export const EMAIL_LENGTH_MAX = 254;
const EMAIL =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** The form in which an address is stored and looked up. */
export const normalisedEmail = (text: string): string => text.trim().toLowerCase();

/** Whether a normalised address looks like one. */
export const isEmail = (text: string): boolean => text.length <= EMAIL_LENGTH_MAX && EMAIL.test(text);

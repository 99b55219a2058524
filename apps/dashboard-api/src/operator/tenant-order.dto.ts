import { isEmail, normalisedEmail } from '@libs/identity';
import { isBaseAddress } from '@libs/kernel';
import { DISTRIBUTION_ACCOUNT_TYPES } from '@libs/tenants';
import {
  IsIn,
  IsOptional,
  Matches,
  Validate,
  type ValidationArguments,
  ValidatorConstraint,
} from 'class-validator';

@ValidatorConstraint({ name: 'staffEmail' })
class StaffEmail {
  validate(value: unknown): boolean {
    return typeof value === 'string' && isEmail(normalisedEmail(value));
  }
}

@ValidatorConstraint({ name: 'originUrl' })
class OriginUrl {
  validate(value: unknown): boolean {
    return typeof value === 'string' && isBaseAddress(value);
  }
}

/** Counts as the database does; `Length` leaves out the signs that only change how the one before them looks. */
@ValidatorConstraint({ name: 'codePoints' })
class CodePoints {
  validate(value: unknown, { constraints }: ValidationArguments): boolean {
    const [min, max] = constraints as [number, number];
    const length = typeof value === 'string' ? [...value].length : 0;
    return length >= min && length <= max;
  }
}

/** With something to read in it, and nothing that cannot be stored. */
const TEXT = /^\s*[^\0\s][^\0]*$/;
const SUPPORTED_TYPES = DISTRIBUTION_ACCOUNT_TYPES.filter((type) => !type.includes('CIRCLE'));

export class TenantOrderDto {
  @Matches(/^[a-z][a-z-]{0,62}$/, {
    message: 'invalid tenant name. It should only contains lower case letters and dash (-)',
  })
  readonly name!: string;

  @Validate(StaffEmail, { message: 'invalid email' })
  readonly owner_email!: string;

  @Matches(TEXT, { message: 'owner_first_name is required' })
  @Validate(CodePoints, [1, 128], { message: 'owner_first_name cannot exceed 128 characters' })
  readonly owner_first_name!: string;

  @Matches(TEXT, { message: 'owner_last_name is required' })
  @Validate(CodePoints, [1, 128], { message: 'owner_last_name cannot exceed 128 characters' })
  readonly owner_last_name!: string;

  @Matches(TEXT, { message: 'organization_name is required' })
  @Validate(CodePoints, [2, 64], { message: 'organization_name must have from 2 to 64 characters' })
  readonly organization_name!: string;

  @IsIn(SUPPORTED_TYPES, {
    message: `invalid distribution account type. Expected one of ${SUPPORTED_TYPES.join(', ')}`,
  })
  readonly distribution_account_type!: (typeof SUPPORTED_TYPES)[number];

  @IsOptional()
  @Validate(OriginUrl, { message: 'invalid base URL value' })
  readonly base_url?: string;

  @IsOptional()
  @Validate(OriginUrl, { message: 'invalid SDP UI base URL value' })
  readonly sdp_ui_base_url?: string;
}

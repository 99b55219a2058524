import { isEmail, normalisedEmail } from '@libs/identity';
import { DISTRIBUTION_ACCOUNT_TYPES } from '@libs/tenants';
import { IsIn, IsOptional, Length, Matches, Validate, ValidatorConstraint } from 'class-validator';

@ValidatorConstraint({ name: 'staffEmail' })
class StaffEmail {
  validate(value: unknown): boolean {
    return typeof value === 'string' && isEmail(normalisedEmail(value));
  }
}

@ValidatorConstraint({ name: 'originUrl' })
class OriginUrl {
  validate(value: unknown): boolean {
    // `http:x` is an address too for whoever reads it as a browser does, and no link that anybody could send.
    return typeof value === 'string' && URL.canParse(value) && /^https?:\/\/[^/]/i.test(value);
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
  @Length(1, 128, { message: 'owner_first_name cannot exceed 128 characters' })
  readonly owner_first_name!: string;

  @Matches(TEXT, { message: 'owner_last_name is required' })
  @Length(1, 128, { message: 'owner_last_name cannot exceed 128 characters' })
  readonly owner_last_name!: string;

  @Matches(TEXT, { message: 'organization_name is required' })
  @Length(2, 64, { message: 'organization_name must have from 2 to 64 characters' })
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

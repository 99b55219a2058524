import { IsBoolean, IsNotEmpty, IsObject, IsOptional, IsString, ValidateIf } from 'class-validator';

export class LoginDto {
  @IsString({ message: 'email is required' })
  @IsNotEmpty({ message: 'email is required' })
  readonly email!: string;

  @IsString({ message: 'password is required' })
  @IsNotEmpty({ message: 'password is required' })
  readonly password!: string;

  /** For clients that keep no cookies: the refresh token comes in the answer. */
  @IsOptional()
  @IsBoolean({ message: 'refresh_in_body must be true or false' })
  readonly refresh_in_body?: boolean;
}

export class MfaDto {
  /** Six digits from a letter or an app, or a recovery code; not with `passkey`. */
  @ValidateIf((dto: MfaDto) => dto.passkey === undefined || dto.passkey === null)
  @IsString({ message: 'mfa_code is required' })
  @IsNotEmpty({ message: 'mfa_code is required' })
  readonly mfa_code!: string;

  /** The answer of the browser's authenticator, as `navigator.credentials.get` gives it, in JSON. */
  @IsOptional()
  @IsObject({ message: 'passkey must be the answer of an authenticator' })
  readonly passkey?: object | null;

  @IsOptional()
  @IsBoolean({ message: 'remember_me must be true or false' })
  readonly remember_me?: boolean;

  @IsOptional()
  @IsBoolean({ message: 'refresh_in_body must be true or false' })
  readonly refresh_in_body?: boolean;
}

export class ForgotPasswordDto {
  @IsString({ message: 'email is required' })
  @IsNotEmpty({ message: 'email is required' })
  readonly email!: string;
}

export class ResetPasswordDto {
  @IsString({ message: 'password is required' })
  @IsNotEmpty({ message: 'password is required' })
  readonly password!: string;

  @IsString({ message: 'reset token is required' })
  @IsNotEmpty({ message: 'reset token is required' })
  readonly reset_token!: string;
}

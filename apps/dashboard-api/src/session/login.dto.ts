import { IsNotEmpty, IsString } from 'class-validator';

export class LoginDto {
  @IsString({ message: 'email is required' })
  @IsNotEmpty({ message: 'email is required' })
  readonly email!: string;

  @IsString({ message: 'password is required' })
  @IsNotEmpty({ message: 'password is required' })
  readonly password!: string;
}

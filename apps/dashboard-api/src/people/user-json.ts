import type { StaffUser } from '@libs/identity';

export const userJson = (user: StaffUser): object => ({
  id: user.id,
  first_name: user.firstName,
  last_name: user.lastName,
  email: user.email,
  is_active: user.isActive,
  roles: user.roles,
});

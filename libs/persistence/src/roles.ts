/** The roles that the apps connect as. Each has a twin `<role>_system` for the listed uses across tenants. */
export const APP_ROLES = {
  dashboardApi: 'distributary_dashboard_api',
  recipientApi: 'distributary_recipient_api',
  disbursementCore: 'distributary_disbursement_core',
  messaging: 'distributary_messaging',
  transactionSubmission: 'distributary_transaction_submission',
} as const;

/**
 * Owns the functions that look for a part of a text, and nothing else. Under row-level security such a condition cannot use an
 * index, so these functions read as this role, which sees all rows, and compare the tenant themselves.
 */
export const SEARCH_ROLE = 'distributary_search';

export type AppName = keyof typeof APP_ROLES;

export const APP_NAMES: readonly AppName[] = [
  'dashboardApi',
  'recipientApi',
  'disbursementCore',
  'messaging',
  'transactionSubmission',
];

export const systemRoleOf = (app: AppName): string => `${APP_ROLES[app]}_system`;

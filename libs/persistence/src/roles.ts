/** The roles that the apps connect as. Each has a twin `<role>_system` for the listed uses across tenants. */
export const APP_ROLES = {
  dashboardApi: 'distributary_dashboard_api',
  recipientApi: 'distributary_recipient_api',
  disbursementCore: 'distributary_disbursement_core',
  messaging: 'distributary_messaging',
  transactionSubmission: 'distributary_transaction_submission',
} as const;

export type AppName = keyof typeof APP_ROLES;

export const APP_NAMES: readonly AppName[] = [
  'dashboardApi',
  'recipientApi',
  'disbursementCore',
  'messaging',
  'transactionSubmission',
];

export const systemRoleOf = (app: AppName): string => `${APP_ROLES[app]}_system`;

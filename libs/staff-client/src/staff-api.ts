// Made by `npm run gen` from docs/openapi.json. Do not edit.
export interface paths {
    "/refresh-token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Renew a session
         * @description With the refresh token (cookie or body), which is replaced; or, for old clients, with the token alone while it counts. A refresh token that was used before ends the session.
         */
        post: operations["postRefreshToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End this session
         * @description Without a token that still counts: the session of the refresh token (cookie or body).
         */
        post: operations["postLogout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The sessions of the person who asks */
        get: operations["getSessions"];
        put?: never;
        post?: never;
        /** End all sessions of the person who asks */
        delete: operations["deleteSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a session */
        delete: operations["deleteSessionsById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The keys that the caller made */
        get: operations["getApiKeys"];
        put?: never;
        /** Make a key */
        post: operations["postApiKeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A key */
        get: operations["getApiKeysById"];
        put?: never;
        post?: never;
        /** Revoke a key, at once */
        delete: operations["deleteApiKeysById"];
        options?: never;
        head?: never;
        /** Change what a key may */
        patch: operations["patchApiKeysById"];
        trace?: never;
    };
    "/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What people, keys and the operator did */
        get: operations["getAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/exports/disbursements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The disbursements of a list as CSV */
        get: operations["getExportsDisbursements"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/exports/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The payments of a list as CSV */
        get: operations["getExportsPayments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/exports/receivers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The receivers of a list as CSV */
        get: operations["getExportsReceivers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/exports/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same as CSV */
        get: operations["getExportsAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The staff of the organisation */
        get: operations["getUsers"];
        put?: never;
        /** Invite somebody by e-mail */
        post: operations["postUsers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The roles that there are */
        get: operations["getUsersRoles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Give somebody another role, at once */
        patch: operations["patchUsersRoles"];
        trace?: never;
    };
    "/users/activation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Switch somebody off or on, at once */
        patch: operations["patchUsersActivation"];
        trace?: never;
    };
    "/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who asks */
        get: operations["getProfile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change the own name or e-mail address */
        patch: operations["patchProfile"];
        trace?: never;
    };
    "/profile/reset-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change the own password; all sessions end, also this one */
        patch: operations["patchProfileResetPassword"];
        trace?: never;
    };
    "/profile/second-factors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the person has set up */
        get: operations["getProfileSecondFactors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/profile/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to set up an authenticator app */
        post: operations["postProfileTotp"];
        /** Remove the authenticator app */
        delete: operations["deleteProfileTotp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/profile/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Show the first code of the app; from then on it counts */
        post: operations["postProfileTotpConfirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/profile/passkeys/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The question for a new passkey or security key */
        post: operations["postProfilePasskeysOptions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/profile/passkeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add a passkey or security key */
        post: operations["postProfilePasskeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/profile/passkeys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a passkey */
        delete: operations["deleteProfilePasskeysById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/profile/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replace the recovery codes */
        post: operations["postProfileRecoveryCodes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/profile/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Forget all remembered devices */
        delete: operations["deleteProfileDevices"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/profile/devices/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Forget a remembered device */
        delete: operations["deleteProfileDevicesById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/step-up/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What may be shown now, for something that asks for a fresh second factor */
        post: operations["postStepUpOptions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/step-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Show a second factor again */
        post: operations["postStepUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/organization": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The organisation */
        get: operations["getOrganization"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change settings or the logo
         * @description A multipart form: `data` is the JSON text of an `OrganizationChange`, `logo` a PNG or JPEG; at most 2 MB.
         */
        patch: operations["patchOrganization"];
        trace?: never;
    };
    "/balances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the distribution account holds */
        get: operations["getBalances"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/assets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The assets */
        get: operations["getAssets"];
        put?: never;
        /** Add an asset, with its trustline */
        post: operations["postAssets"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/assets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take an asset out of use, with its trustline */
        delete: operations["deleteAssetsById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/wallets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The wallet providers */
        get: operations["getWallets"];
        put?: never;
        /** Add a wallet provider */
        post: operations["postWallets"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/wallets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take a wallet provider out of use */
        delete: operations["deleteWalletsById"];
        options?: never;
        head?: never;
        /** Change a wallet provider */
        patch: operations["patchWalletsById"];
        trace?: never;
    };
    "/registration-contact-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The ways in which people can be reached */
        get: operations["getRegistrationContactTypes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/registration-contact-types/{type}/template": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An empty file to fill in
         * @description Its header names every column that a file of this contact type may have.
         */
        get: operations["getRegistrationContactTypesByTypeTemplate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/receivers/verification-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What people can be asked for to prove who they are */
        get: operations["getReceiversVerificationTypes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/receivers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The people who are paid */
        get: operations["getReceivers"];
        put?: never;
        /** Enter somebody by hand */
        post: operations["postReceivers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/receivers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Somebody who is paid */
        get: operations["getReceiversById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Correct contacts, the external id, or what they prove themselves with */
        patch: operations["patchReceiversById"];
        trace?: never;
    };
    "/receivers/wallets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Invite again */
        patch: operations["patchReceiversWalletsById"];
        trace?: never;
    };
    "/receivers/wallets/{id}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Unregister a wallet: the person registers again before they are paid */
        patch: operations["patchReceiversWalletsByIdStatus"];
        trace?: never;
    };
    "/receivers/{receiver_id}/wallets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Correct the address of a wallet that has no provider */
        patch: operations["patchReceiversByReceiverIdWalletsById"];
        trace?: never;
    };
    "/disbursements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The disbursements */
        get: operations["getDisbursements"];
        put?: never;
        /**
         * Make a disbursement, with or without its file
         * @description As JSON; or as a multipart form with `data`, the same as a JSON text, and `file`.
         */
        post: operations["postDisbursements"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/disbursements/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A disbursement */
        get: operations["getDisbursementsById"];
        put?: never;
        post?: never;
        /** Delete a disbursement that was not started */
        delete: operations["deleteDisbursementsById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/disbursements/{id}/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What an approver should look at before the start */
        get: operations["getDisbursementsByIdReview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/disbursements/{id}/receivers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is paid with it, and how far that is */
        get: operations["getDisbursementsByIdReceivers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/disbursements/{id}/instructions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The file, byte for byte */
        get: operations["getDisbursementsByIdInstructions"];
        put?: never;
        /**
         * Upload the file of people and amounts
         * @description Replaces what was uploaded before. Nothing is kept of a file with a mistake; `extras` names each by line.
         */
        post: operations["postDisbursementsByIdInstructions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/disbursements/{id}/upload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far the newest upload is */
        get: operations["getDisbursementsByIdUpload"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/disbursements/{id}/upload/errors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everything that is wrong in the newest file
         * @description Each wrong line as it was sent, with what is wrong and how to mend it in front: mend it, and upload it again. For a day after the refusal, or until another file comes. In UTF-8 with a byte order mark and the separator of the file; a cell that a spreadsheet could run as a formula begins with an apostrophe.
         */
        get: operations["getDisbursementsByIdUploadErrors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/disbursements/{id}/upload/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The same, each time that it has changed
         * @description Server-sent events named `upload` with the upload as JSON. The stream ends when the upload has ended, or when who listens may no longer see it.
         */
        get: operations["getDisbursementsByIdUploadEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/disbursements/{id}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Start or pause */
        patch: operations["patchDisbursementsByIdStatus"];
        trace?: never;
    };
    "/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The payments */
        get: operations["getPayments"];
        put?: never;
        /**
         * Pay somebody directly
         * @description Goes ahead of disbursements. Somebody who has not registered yet is invited.
         */
        post: operations["postPayments"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/{id}/approval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Approve a direct payment that somebody else made */
        post: operations["postPaymentsByIdApproval"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Pay what failed again, all or none */
        patch: operations["patchPaymentsRetry"];
        trace?: never;
    };
    "/payments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A payment */
        get: operations["getPaymentsById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/{id}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Cancel a payment */
        patch: operations["patchPaymentsByIdStatus"];
        trace?: never;
    };
    "/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Of the organisation */
        get: operations["getStatistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/statistics/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Of a disbursement */
        get: operations["getStatisticsById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process is alive, and its database answers */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process can serve */
        get: operations["getReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["getOpenapiJson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document, as a page */
        get: operations["getDocs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/{asset}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A part of that page */
        get: operations["getDocsByAsset"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/app-config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the sign-in page has to know */
        get: operations["getAppConfig"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/organization/logo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The logo */
        get: operations["getOrganizationLogo"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in with e-mail and password
         * @description Where a second factor is asked for, the answer names those that count; go on with `POST /mfa`.
         */
        post: operations["postLogin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mfa": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Show a second factor */
        post: operations["postMfa"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mfa/email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for a code by e-mail instead */
        post: operations["postMfaEmail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mfa/passkey-options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The question for a passkey */
        post: operations["postMfaPasskeyOptions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/forgot-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for a link to set a new password */
        post: operations["postForgotPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reset-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set a new password with the token of the letter */
        post: operations["postResetPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The tenants */
        get: operations["getTenants"];
        put?: never;
        /** Make a tenant; repeating the call finishes what was begun */
        post: operations["postTenants"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{idOrName}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A tenant */
        get: operations["getTenantsByIdOrName"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete a tenant that is switched off and holds nothing */
        delete: operations["deleteTenantsById"];
        options?: never;
        head?: never;
        /** Switch a tenant off or on, or change its addresses */
        patch: operations["patchTenantsById"];
        trace?: never;
    };
    "/tenants/default-tenant": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Name the tenant of requests that name none */
        post: operations["postTenantsDefaultTenant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{id}/outflow-ceilings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How much the tenant may pay per hour; payments beyond it wait */
        get: operations["getTenantsByIdOutflowCeilings"];
        /** Set the ceiling of an asset; without an amount it is removed */
        put: operations["putTenantsByIdOutflowCeilings"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/paying": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether anything is paid at all */
        get: operations["getPaying"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/paying/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop all payments; nothing is signed any more when the call returns */
        post: operations["postPayingStop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/paying/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lift a stop */
        post: operations["postPayingResume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            /** @description What is wrong, for a person. */
            error: string;
            /** @description What is wrong, by field, or by line of a file. */
            extras?: {
                [key: string]: unknown;
            };
            error_code?: string;
            extras_codes?: string[];
        };
        Tokens: {
            token: string;
            /** @description Only where it was asked for in the body. It counts once. */
            refresh_token?: string;
        };
        SecondFactorAsked: {
            message: string;
            second_factors?: ("totp" | "passkey" | "email_code" | "recovery_code")[];
            /** @description The question for `navigator.credentials.get`. */
            passkey_options?: {
                [key: string]: unknown;
            };
        };
        Session: {
            /** Format: uuid */
            id: string;
            is_current: boolean;
            address: string | null;
            user_agent: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            last_seen_at: string;
            /** Format: date-time */
            expires_at: string;
        };
        Message: {
            message: string;
        };
        SecondFactors: {
            totp: {
                confirmed_at: string | null;
            };
            passkeys: {
                /** Format: uuid */
                id: string;
                name: string;
                /** Format: date-time */
                created_at: string;
                last_used_at: string | null;
            }[];
            recovery_codes_left: number;
            email_code_allowed: boolean;
            remembered_devices: {
                id: string;
                /** Format: date-time */
                remembered_until: string;
            }[];
        };
        Disbursement: {
            /** Format: uuid */
            id: string;
            name: string;
            wallet: {
                /** Format: uuid */
                id: string;
                name: string;
                enabled: boolean;
                user_managed: boolean;
                embedded: boolean;
                homepage?: string;
                sep_10_client_domain?: string;
                deep_link_schema?: string;
            };
            asset: {
                /** Format: uuid */
                id: string;
                code: string;
                issuer: string;
                deleted_at: string | null;
            };
            /** @enum {string} */
            status: "DRAFT" | "READY" | "STARTED" | "PAUSED" | "COMPLETED";
            status_history: {
                user_id: string;
                /** @enum {string} */
                status: "DRAFT" | "READY" | "STARTED" | "PAUSED" | "COMPLETED";
                /** Format: date-time */
                timestamp: string;
            }[];
            receiver_registration_message_template: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** @enum {string} */
            registration_contact_type: "EMAIL" | "PHONE_NUMBER" | "EMAIL_AND_WALLET_ADDRESS" | "PHONE_NUMBER_AND_WALLET_ADDRESS";
            total_payments: number;
            total_payments_sent: number;
            total_payments_failed: number;
            total_payments_canceled: number;
            total_payments_remaining: number;
            /** @example 12.5000000 */
            amount_disbursed: string;
            /** @example 12.5000000 */
            total_amount: string;
            /** @example 12.5000000 */
            average_amount: string;
            created_by: {
                id: string;
                first_name: string;
                last_name: string;
            };
            started_by: {
                id: string;
                first_name: string;
                last_name: string;
            };
            file_name?: string;
            /** @enum {string} */
            verification_field?: "DATE_OF_BIRTH" | "YEAR_MONTH" | "PIN" | "NATIONAL_ID_NUMBER";
            /** @example 12.5000000 */
            ledger_fees?: string;
        };
        DisbursementReceiver: {
            /** Format: uuid */
            id: string;
            external_id: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            receiver_wallet: {
                /** Format: uuid */
                id: string;
                receiver: {
                    /** Format: uuid */
                    id: string;
                };
                wallet: {
                    /** Format: uuid */
                    id: string;
                    name: string;
                    enabled: boolean;
                };
                stellar_address: string;
                stellar_memo: string;
                stellar_memo_type: string;
                /** @enum {string} */
                status: "DRAFT" | "READY" | "REGISTERED" | "FLAGGED";
                status_history: {
                    /** @enum {string} */
                    status: "DRAFT" | "READY" | "REGISTERED" | "FLAGGED";
                    status_message: string;
                    /** Format: date-time */
                    timestamp: string;
                }[];
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                updated_at: string;
                invitation_sent_at: string | null;
            };
            payment: {
                /** Format: uuid */
                id: string;
                /** @example 12.5000000 */
                amount: string;
                /** @description The hash of the ledger transaction; empty until there is one. */
                stellar_transaction_id: string;
                stellar_operation_id: string;
                /** @enum {string} */
                status: "DRAFT" | "READY" | "PENDING" | "PAUSED" | "SUCCESS" | "FAILED" | "CANCELED";
                status_history: {
                    /** @enum {string} */
                    status: "DRAFT" | "READY" | "PENDING" | "PAUSED" | "SUCCESS" | "FAILED" | "CANCELED";
                    status_message: string;
                    /** Format: date-time */
                    timestamp: string;
                }[];
                /** @enum {string} */
                type: "DISBURSEMENT" | "DIRECT";
                asset: {
                    /** Format: uuid */
                    id: string;
                    code: string;
                    issuer: string;
                    deleted_at: string | null;
                };
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                updated_at: string;
                external_payment_id?: string;
                sender_address?: string;
                disputed?: boolean;
                cancellation_requested?: boolean;
                created_by?: {
                    id: string;
                    first_name: string;
                    last_name: string;
                };
                awaits_approval?: boolean;
            };
            email?: string;
            phone_number?: string;
        };
        Upload: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            disbursement_id: string;
            file_name: string;
            /**
             * @description `LOST`: what received it is gone; upload the file again. Nothing of a refused or lost file stays, and the file before stays as it was.
             * @enum {string}
             */
            state: "RECEIVING" | "CHECKING" | "PUBLISHING" | "PUBLISHED" | "REFUSED" | "LOST";
            bytes_received: number;
            rows_read: number;
            rows_valid: number;
            rows_wrong: number;
            rows_per_second: number;
            read_as: {
                /** @enum {string} */
                separator: "comma" | "semicolon" | "tab";
                /** @enum {string} */
                encoding: "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";
            } | null;
            /** Format: date-time */
            started_at: string;
            ended_at: string | null;
            /** @description What the answer to the upload would have been. */
            refusal: {
                status: number;
                error: string;
                extras?: {
                    [key: string]: unknown;
                };
            } | null;
            /** @description Of a file with wrong lines: until when `GET /disbursements/{id}/upload/errors` names all of them. */
            errors_until: string | null;
        };
        DryRun: {
            /** @constant */
            dry_run: true;
            would_be_published: boolean;
            /** @description What the answer to an upload would be. */
            refusal: {
                status: number;
                error: string;
                extras?: {
                    [key: string]: unknown;
                };
            } | null;
            rows_read: number;
            /** @description Rows in which something is wrong, each looked at alone. */
            rows_wrong: number;
            /** @description Of the rows that could be read. Null when the file is no table. */
            totals: {
                payments: number;
                /** @example 12.5000000 */
                total_amount: string;
                /** @example 12.5000000 */
                average_amount: string;
                smallest_amount: string | null;
                largest_amount: string | null;
                median_amount: string | null;
                new_receivers: number;
                known_receivers: number;
                /** @description Rows with a person of an earlier row. */
                duplicates_in_file: number;
                /** @description People of the file for whom payments of other disbursements are still to come, and the 20 of those with the most of them. */
                in_open_disbursements: {
                    receivers: number;
                    disbursements: {
                        /** Format: uuid */
                        id: string;
                        name: string;
                        /** @enum {string} */
                        status: "DRAFT" | "READY" | "STARTED" | "PAUSED" | "COMPLETED";
                        receivers: number;
                    }[];
                };
                recently_paid: {
                    days: number;
                    receivers: number;
                };
                /** @description Payments of more than so many times the median, or of less than that part of it, and the first 20 of them. */
                far_from_median: {
                    times: number;
                    payments: number;
                    first: {
                        line: number;
                        external_id: string;
                        /** @example 12.5000000 */
                        amount: string;
                    }[];
                };
            } | null;
            read_as?: {
                /** @enum {string} */
                separator: "comma" | "semicolon" | "tab";
                /** @enum {string} */
                encoding: "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";
            };
        };
        /** @description People whose address, contact or verification was changed by staff. */
        RecipientChanges: {
            /** @description Names exactly these changes: for who has seen them. */
            version: string;
            receivers: number;
            /** @description The last 20 of them. */
            newest: {
                /** Format: uuid */
                receiver_id: string;
                /** Format: date-time */
                changed_at: string;
                changed_by: {
                    /** Format: uuid */
                    id: string;
                    first_name: string;
                    last_name: string;
                };
            }[];
        };
        DisbursementReview: {
            /** Format: uuid */
            disbursement_id: string;
            name: string;
            /** @enum {string} */
            status: "DRAFT" | "READY" | "STARTED" | "PAUSED" | "COMPLETED";
            asset: {
                code: string;
                issuer: string;
            };
            file: {
                /** Format: uuid */
                id: string;
                name: string;
                /** Format: date-time */
                uploaded_at: string;
            } | null;
            /** @description Without cancelled ones. */
            total_payments: number;
            /** @example 12.5000000 */
            total_amount: string;
            /** @example 12.5000000 */
            average_amount: string;
            largest_payment: {
                /** Format: uuid */
                payment_id: string;
                /** Format: uuid */
                receiver_id: string;
                external_id: string;
                /** @example 12.5000000 */
                amount: string;
            } | null;
            /** @description People to whom the organisation never paid anything. */
            new_receivers: number;
            /** @description How the file differs from the one that it replaced. */
            previous_file: {
                name: string;
                payments: number;
                /** @example 12.5000000 */
                amount: string;
                added: {
                    payments: number;
                    /** @example 12.5000000 */
                    amount: string;
                };
                removed: {
                    payments: number;
                    /** @example 12.5000000 */
                    amount: string;
                };
                changed: {
                    payments: number;
                    /** @example 12.5000000 */
                    amount: string;
                    /** @example 12.5000000 */
                    amount_before: string;
                };
            } | null;
            /** @description Since the disbursement was last started, or else since it was made. */
            recipient_changes: components["schemas"]["RecipientChanges"] | null;
            approvals: {
                /** Format: uuid */
                id: string;
                first_name: string;
                last_name: string;
                /** Format: date-time */
                approved_at: string;
            }[];
        };
        Payment: {
            /** Format: uuid */
            id: string;
            /** @example 12.5000000 */
            amount: string;
            /** @description The hash of the ledger transaction; empty until there is one. */
            stellar_transaction_id: string;
            stellar_operation_id: string;
            /** @enum {string} */
            status: "DRAFT" | "READY" | "PENDING" | "PAUSED" | "SUCCESS" | "FAILED" | "CANCELED";
            status_history: {
                /** @enum {string} */
                status: "DRAFT" | "READY" | "PENDING" | "PAUSED" | "SUCCESS" | "FAILED" | "CANCELED";
                status_message: string;
                /** Format: date-time */
                timestamp: string;
            }[];
            /** @enum {string} */
            type: "DISBURSEMENT" | "DIRECT";
            asset: {
                /** Format: uuid */
                id: string;
                code: string;
                issuer: string;
                deleted_at: string | null;
            };
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            receiver_wallet: {
                /** Format: uuid */
                id: string;
                receiver: {
                    /** Format: uuid */
                    id: string;
                };
                wallet: {
                    /** Format: uuid */
                    id: string;
                    name: string;
                    enabled: boolean;
                };
                stellar_address: string;
                stellar_memo: string;
                stellar_memo_type: string;
                /** @enum {string} */
                status: "DRAFT" | "READY" | "REGISTERED" | "FLAGGED";
                status_history: {
                    /** @enum {string} */
                    status: "DRAFT" | "READY" | "REGISTERED" | "FLAGGED";
                    status_message: string;
                    /** Format: date-time */
                    timestamp: string;
                }[];
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                updated_at: string;
                invitation_sent_at: string | null;
            };
            external_payment_id?: string;
            sender_address?: string;
            disputed?: boolean;
            cancellation_requested?: boolean;
            created_by?: {
                id: string;
                first_name: string;
                last_name: string;
            };
            awaits_approval?: boolean;
            /** @description Of a payment that waits for approval, shown alone: what was changed of its receiver since it was made. */
            recipient_changes?: components["schemas"]["RecipientChanges"];
            disbursement?: {
                /** Format: uuid */
                id: string;
                name: string;
                status: string;
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                updated_at: string;
            };
        };
        ReceiverWallet: {
            /** Format: uuid */
            id: string;
            receiver: {
                /** Format: uuid */
                id: string;
            };
            wallet: {
                /** Format: uuid */
                id: string;
                name: string;
                homepage: string;
                deep_link_schema: string;
                enabled: boolean;
                user_managed: boolean;
                sep_10_client_domain?: string;
            };
            /** @enum {string} */
            status: "DRAFT" | "READY" | "REGISTERED" | "FLAGGED";
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            invitation_sent_at: string | null;
            /** @example 3 */
            total_payments: string;
            /** @example 3 */
            payments_received: string;
            /** @example 3 */
            failed_payments: string;
            /** @example 3 */
            canceled_payments: string;
            /** @example 3 */
            remaining_payments: string;
            received_amounts: {
                asset_code: string;
                asset_issuer: string;
                /** @example 12.5000000 */
                received_amount: string;
            }[];
            stellar_address?: string;
            stellar_memo?: string;
            stellar_memo_type?: string;
            sep24_transaction_id?: string;
            /** Format: date-time */
            invited_at?: string;
            /** Format: date-time */
            last_message_sent_at?: string;
        };
        Verification: {
            /** Format: uuid */
            receiver_id: string;
            /** @enum {string} */
            verification_field: "DATE_OF_BIRTH" | "YEAR_MONTH" | "PIN" | "NATIONAL_ID_NUMBER";
            attempts: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            confirmed_at: string | null;
            failed_at: string | null;
            verification_channel: string | null;
            confirmed_by_type: ("RECEIVER" | "USER") | null;
            confirmed_by_id: string | null;
        };
        Receiver: {
            /** Format: uuid */
            id: string;
            external_id: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** @example 3 */
            total_payments: string;
            /** @example 3 */
            successful_payments: string;
            /** @example 3 */
            failed_payments: string;
            /** @example 3 */
            canceled_payments: string;
            /** @example 3 */
            remaining_payments: string;
            /** @example 3 */
            registered_wallets: string;
            received_amounts: {
                asset_code: string;
                asset_issuer: string;
                /** @example 12.5000000 */
                received_amount: string;
            }[];
            wallets: components["schemas"]["ReceiverWallet"][];
            email?: string;
            /** @example +254710000001 */
            phone_number?: string;
        };
        ReceiverDetails: {
            /** Format: uuid */
            id: string;
            external_id: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** @example 3 */
            total_payments: string;
            /** @example 3 */
            successful_payments: string;
            /** @example 3 */
            failed_payments: string;
            /** @example 3 */
            canceled_payments: string;
            /** @example 3 */
            remaining_payments: string;
            /** @example 3 */
            registered_wallets: string;
            received_amounts: {
                asset_code: string;
                asset_issuer: string;
                /** @example 12.5000000 */
                received_amount: string;
            }[];
            wallets: components["schemas"]["ReceiverWallet"][];
            verifications: components["schemas"]["Verification"][];
            email?: string;
            /** @example +254710000001 */
            phone_number?: string;
        };
        Statistics: {
            payment_counters: {
                draft: number;
                ready: number;
                pending: number;
                paused: number;
                success: number;
                failed: number;
                canceled: number;
                total: number;
            };
            payment_amounts_by_asset: {
                asset_code: string;
                asset_issuer: string;
                payment_amounts: {
                    draft: string | "";
                    ready: string | "";
                    pending: string | "";
                    paused: string | "";
                    success: string | "";
                    failed: string | "";
                    canceled: string | "";
                    /** @example 12.5000000 */
                    average: string;
                    /** @example 12.5000000 */
                    total: string;
                };
            }[];
            receiver_wallets_counters: {
                draft: number;
                ready: number;
                registered: number;
                flagged: number;
                total: number;
            };
            total_receivers: number;
            total_disbursements: number;
        };
        DisbursementStatistics: {
            payment_counters: {
                draft: number;
                ready: number;
                pending: number;
                paused: number;
                success: number;
                failed: number;
                canceled: number;
                total: number;
            };
            payment_amounts_by_asset: {
                asset_code: string;
                asset_issuer: string;
                payment_amounts: {
                    draft: string | "";
                    ready: string | "";
                    pending: string | "";
                    paused: string | "";
                    success: string | "";
                    failed: string | "";
                    canceled: string | "";
                    /** @example 12.5000000 */
                    average: string;
                    /** @example 12.5000000 */
                    total: string;
                };
            }[];
            receiver_wallets_counters: {
                draft: number;
                ready: number;
                registered: number;
                flagged: number;
                total: number;
            };
            total_receivers: number;
        };
        Asset: {
            /** Format: uuid */
            id: string;
            code: string;
            /** @description Empty for XLM. */
            issuer: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            deleted_at: string | null;
            /** @description Whether the distribution account trusts it; only where that was asked for. */
            enabled?: boolean;
            /** @example 12.5000000 */
            balance?: string;
            message?: string;
        };
        Wallet: {
            /** Format: uuid */
            id: string;
            name: string;
            homepage: string;
            deep_link_schema: string;
            enabled: boolean;
            user_managed: boolean;
            embedded: boolean;
            assets: components["schemas"]["Asset"][];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            sep_10_client_domain?: string;
            deleted_at?: string | null;
        };
        Balances: {
            account: {
                type: string;
                status: string;
                address?: string;
            };
            balances: {
                /** @example 12.5000000 */
                amount: string;
                asset_code: string;
                /** @description Empty for XLM. */
                asset_issuer: string;
            }[];
        };
        Organization: {
            name: string;
            logo_url: string;
            base_url: string;
            distribution_account: {
                type: string;
                status: string;
                address?: string;
            };
            distribution_account_public_key: string;
            /** @example +03:00 */
            timezone_utc_offset: string;
            is_approval_required: boolean;
            is_link_shortener_enabled: boolean;
            is_memo_tracing_enabled: boolean;
            /** @description 0: never again. */
            receiver_invitation_resend_interval_days: number;
            /** @description 0: never. */
            payment_cancellation_period_days: number;
            privacy_policy_link: string;
            message_channel_priority: ("SMS" | "EMAIL")[];
            mfa_disabled: boolean | null;
            captcha_disabled: boolean | null;
            receiver_invitations_disabled: boolean | null;
            email_codes_forbidden: boolean;
            step_up_amount: string | null;
            second_approver_amount: string | null;
            receiver_registration_message_template?: string;
            otp_message_template?: string;
        };
        OrganizationChange: {
            organization_name?: string;
            timezone_utc_offset?: string;
            is_approval_required?: boolean;
            is_link_shortener_enabled?: boolean;
            is_memo_tracing_enabled?: boolean;
            receiver_invitation_resend_interval_days?: number;
            payment_cancellation_period_days?: number;
            receiver_registration_message_template?: string;
            otp_message_template?: string;
            privacy_policy_link?: string;
            mfa_disabled?: boolean;
            captcha_disabled?: boolean;
            receiver_invitations_disabled?: boolean;
            email_codes_forbidden?: boolean;
            /** @description Larger starts need two approvers; empty: none does. */
            second_approver_amount?: string;
            /** @description Larger starts ask for a fresh second factor; empty: none does. */
            step_up_amount?: string;
        };
        User: {
            /** Format: uuid */
            id: string;
            first_name: string;
            last_name: string;
            email: string;
            is_active: boolean;
            roles: ("owner" | "financial_controller" | "developer" | "business" | "initiator" | "approver")[];
        };
        Profile: {
            /** Format: uuid */
            id: string;
            first_name: string;
            last_name: string;
            email: string;
            roles: ("owner" | "financial_controller" | "developer" | "business" | "initiator" | "approver")[];
            organization_name: string;
        };
        ApiKey: {
            /** Format: uuid */
            id: string;
            name: string;
            permissions: ("read:all" | "write:all" | "read:disbursements" | "write:disbursements" | "read:receivers" | "write:receivers" | "read:payments" | "write:payments" | "read:organization" | "write:organization" | "read:users" | "write:users" | "read:wallets" | "write:wallets" | "read:statistics" | "read:exports")[];
            /** Format: date-time */
            created_at: string;
            created_by: string;
            /** Format: date-time */
            updated_at: string;
            updated_by: string;
            /** Format: date-time */
            expiry_date?: string;
            allowed_ips?: string[];
            /** Format: date-time */
            last_used_at?: string;
        };
        NewApiKey: {
            /** Format: uuid */
            id: string;
            name: string;
            permissions: ("read:all" | "write:all" | "read:disbursements" | "write:disbursements" | "read:receivers" | "write:receivers" | "read:payments" | "write:payments" | "read:organization" | "write:organization" | "read:users" | "write:users" | "read:wallets" | "write:wallets" | "read:statistics" | "read:exports")[];
            /** Format: date-time */
            created_at: string;
            created_by: string;
            /** Format: date-time */
            updated_at: string;
            updated_by: string;
            /** @description The text to send, shown once. */
            key: string;
            /** Format: date-time */
            expiry_date?: string;
            allowed_ips?: string[];
            /** Format: date-time */
            last_used_at?: string;
        };
        AuditEntry: {
            /** @example 3 */
            seq: string;
            /** Format: date-time */
            at: string;
            actor: {
                type: string;
                id: string;
                name: string;
            };
            address: string;
            request_id: string;
            action: string;
            subject: {
                type: string;
                id: string;
            };
            before: {
                [key: string]: unknown;
            } | null;
            after: {
                [key: string]: unknown;
            } | null;
            /** @description Over this entry and the hash of the one before. */
            hash: string;
        };
        Health: {
            /** @enum {string} */
            status: "pass" | "fail";
            version: string;
            service_id: string;
            services?: {
                [key: string]: string;
            };
        };
        Tenant: {
            /** Format: uuid */
            id: string;
            name: string;
            base_url: string;
            sdp_ui_base_url: string;
            /** @enum {string} */
            status: "TENANT_CREATED" | "TENANT_PROVISIONED" | "TENANT_ACTIVATED" | "TENANT_DEACTIVATED";
            is_default: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            deleted_at: string | null;
            distribution_account_address: string | null;
            distribution_account_type: string;
            distribution_account_status: string;
        };
        OutflowCeiling: {
            asset_code: string;
            asset_issuer: string;
            /** @example 12.5000000 */
            amount_per_hour: string;
            /** @example 12.5000000 */
            used_in_the_last_hour: string;
            reached_at: string | null;
        };
        Paying: {
            stopped: boolean;
            holds: {
                reason: string;
                actor: string;
                /** Format: date-time */
                since: string;
            }[];
            may_still_be_paid_count: number;
            may_still_be_paid: {
                /** Format: uuid */
                tenant_id: string;
                /** Format: uuid */
                payment_id: string;
                dispatch: number;
                /** Format: date-time */
                until: string;
            }[];
        };
    };
    responses: {
        /** @description The request is not done. */
        Refused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests, or too many failed attempts. `Retry-After` says how many seconds to wait. */
        TooMany: {
            headers: {
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "text/plain": string;
                "application/json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    postRefreshToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    refresh_token?: string;
                    /** @description The refresh token comes in the answer instead of a cookie that scripts cannot read. */
                    refresh_in_body?: boolean;
                };
            };
        };
        responses: {
            /** @description Renewed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postLogout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    refresh_token?: string;
                };
            };
        };
        responses: {
            /** @description Done; the answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"][];
                };
            };
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    deleteSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done; the answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    deleteSessionsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done; the answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such session. */
            404: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getApiKeys: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"][];
                };
            };
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postApiKeys: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    permissions: ("read:all" | "write:all" | "read:disbursements" | "write:disbursements" | "read:receivers" | "write:receivers" | "read:payments" | "write:payments" | "read:organization" | "write:organization" | "read:users" | "write:users" | "read:wallets" | "write:wallets" | "read:statistics" | "read:exports")[];
                    /** Format: date-time */
                    expiry_date?: string;
                    /** @description Addresses or networks (`192.0.2.0/24`) that it counts from; nothing: everywhere. */
                    allowed_ips?: string | string[];
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewApiKey"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getApiKeysById: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such key. */
            404: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    deleteApiKeysById: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done; the answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such key. */
            404: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    patchApiKeysById: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    permissions: ("read:all" | "write:all" | "read:disbursements" | "write:disbursements" | "read:receivers" | "write:receivers" | "read:payments" | "write:payments" | "read:organization" | "write:organization" | "read:users" | "write:users" | "read:wallets" | "write:wallets" | "read:statistics" | "read:exports")[];
                    /** @description Addresses or networks (`192.0.2.0/24`) that it counts from; nothing: everywhere. */
                    allowed_ips?: string | string[];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such key. */
            404: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getAudit: {
        parameters: {
            query?: {
                actor_type?: "user" | "api_key" | "operator" | "system";
                actor_id?: string;
                action?: string;
                subject_type?: string;
                subject_id?: string;
                request_id?: string;
                created_at_after?: string;
                created_at_before?: string;
                page?: number;
                page_limit?: number;
                direction?: "asc" | "desc";
            };
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        pagination: {
                            pages: number;
                            total: number;
                            next?: string;
                            prev?: string;
                        };
                        data: components["schemas"]["AuditEntry"][];
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getExportsDisbursements: {
        parameters: {
            query?: {
                q?: string;
                status?: string;
                created_at_after?: string;
                created_at_before?: string;
                sort?: "name" | "created_at";
                direction?: "asc" | "desc";
            };
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description RFC 4180, in UTF-8. A cell of free text that a spreadsheet could run as a formula begins with an apostrophe. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getExportsPayments: {
        parameters: {
            query?: {
                q?: string;
                status?: string;
                type?: string;
                receiver_id?: string;
                created_at_after?: string;
                created_at_before?: string;
                sort?: "created_at" | "updated_at";
                direction?: "asc" | "desc";
            };
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description RFC 4180, in UTF-8. A cell of free text that a spreadsheet could run as a formula begins with an apostrophe. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getExportsReceivers: {
        parameters: {
            query?: {
                q?: string;
                status?: string;
                created_at_after?: string;
                created_at_before?: string;
                sort?: "created_at" | "updated_at";
                direction?: "asc" | "desc";
            };
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description RFC 4180, in UTF-8. A cell of free text that a spreadsheet could run as a formula begins with an apostrophe. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getExportsAudit: {
        parameters: {
            query?: {
                actor_type?: "user" | "api_key" | "operator" | "system";
                actor_id?: string;
                action?: string;
                subject_type?: string;
                subject_id?: string;
                request_id?: string;
                created_at_after?: string;
                created_at_before?: string;
            };
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getUsers: {
        parameters: {
            query?: {
                sort?: "email" | "is_active";
                direction?: "asc" | "desc";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"][];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postUsers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    first_name: string;
                    last_name: string;
                    email: string;
                    /** @description Exactly one. */
                    roles: ("owner" | "financial_controller" | "developer" | "business" | "initiator" | "approver")[];
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getUsersRoles: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        roles: ("owner" | "financial_controller" | "developer" | "business" | "initiator" | "approver")[];
                    };
                };
            };
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    patchUsersRoles: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    user_id: string;
                    /** @description Exactly one. */
                    roles: ("owner" | "financial_controller" | "developer" | "business" | "initiator" | "approver")[];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    patchUsersActivation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    user_id: string;
                    is_active: boolean;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    patchProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    first_name?: string;
                    last_name?: string;
                    email?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    patchProfileResetPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    current_password: string;
                    new_password: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getProfileSecondFactors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactors"];
                };
            };
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postProfileTotp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description The secret, shown once. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        secret: string;
                        uri: string;
                        qr_code: string;
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description One is set up already. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    deleteProfileTotp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done; the answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description None is set up. */
            404: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postProfileTotpConfirm: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                };
            };
        };
        responses: {
            /** @description With recovery codes if there were none. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Shown once; each counts once. */
                        recovery_codes?: string[];
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postProfilePasskeysOptions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description For `navigator.credentials.create`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postProfilePasskeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    /** @description What `navigator.credentials.create` answered, as JSON. */
                    response: {
                        [key: string]: unknown;
                    };
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        name: string;
                        /** @description Shown once; each counts once. */
                        recovery_codes?: string[];
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    deleteProfilePasskeysById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done; the answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The person has no such passkey. */
            404: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postProfileRecoveryCodes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Shown once; each counts once. */
                        recovery_codes: string[];
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no app and no passkey that they could stand for. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    deleteProfileDevices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done; the answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    deleteProfileDevicesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done; the answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such device. */
            404: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postStepUpOptions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description Send a code by e-mail. */
                    email_code?: boolean;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        second_factors: ("totp" | "passkey" | "email_code" | "recovery_code")[];
                        email_code_sent: boolean;
                        passkey_options?: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postStepUp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code?: string;
                    passkey?: {
                        [key: string]: unknown;
                    };
                };
            };
        };
        responses: {
            /** @description Done; the answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getOrganization: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organization"];
                };
            };
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    patchOrganization: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    data: string;
                    /** Format: binary */
                    logo?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description Nothing came of the body for too long. */
            408: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getBalances: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Balances"];
                };
            };
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getAssets: {
        parameters: {
            query?: {
                wallet?: string;
                enabled?: "true" | "false";
            };
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Asset"][];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postAssets: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    issuer?: string | null;
                };
            };
        };
        responses: {
            /** @description Added. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Asset"];
                };
            };
            /** @description Added; the trustline is still being created. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Asset"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            /** @description The ledger refused; `error` says why. */
            422: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    deleteAssetsById: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Asset"];
                };
            };
            /** @description Deleted; the trustline is still being removed, and the asset is back if that is refused. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Asset"];
                };
            };
            /** @description It was deleted before. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such asset. */
            404: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            /** @description The ledger refused; `error` says why. */
            422: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getWallets: {
        parameters: {
            query?: {
                enabled?: "true" | "false";
                user_managed?: "true" | "false";
                supported_assets?: string;
                include_deleted?: "true" | "false";
            };
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Wallet"][];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postWallets: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    homepage: string;
                    deep_link_schema: string;
                    sep_10_client_domain: string;
                    enabled?: boolean;
                    assets?: ({
                        /** Format: uuid */
                        id: string;
                    } | {
                        /** @constant */
                        type: "native";
                    } | {
                        code: string;
                        /** @constant */
                        type?: "classic";
                        issuer?: string;
                    })[];
                    /** @deprecated */
                    assets_ids?: string[];
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Wallet"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description A wallet with this name, home page or deep link exists. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    deleteWalletsById: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done; the answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Somebody is still to register or to be paid with it, or it has no provider. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such wallet. */
            404: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    patchWalletsById: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name?: string;
                    homepage?: string;
                    deep_link_schema?: string;
                    sep_10_client_domain?: string;
                    enabled?: boolean;
                    assets?: ({
                        /** Format: uuid */
                        id: string;
                    } | {
                        /** @constant */
                        type: "native";
                    } | {
                        code: string;
                        /** @constant */
                        type?: "classic";
                        issuer?: string;
                    })[];
                    /** @deprecated */
                    assets_ids?: string[];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Wallet"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such wallet. */
            404: components["responses"]["Refused"];
            /** @description A wallet with this name, home page or deep link exists. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getRegistrationContactTypes: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": ("EMAIL" | "PHONE_NUMBER" | "EMAIL_AND_WALLET_ADDRESS" | "PHONE_NUMBER_AND_WALLET_ADDRESS")[];
                };
            };
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getRegistrationContactTypesByTypeTemplate: {
        parameters: {
            query?: {
                verification_field?: "DATE_OF_BIRTH" | "YEAR_MONTH" | "PIN" | "NATIONAL_ID_NUMBER" | "";
            };
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A header and no rows. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such contact type. */
            404: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getReceiversVerificationTypes: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": ("DATE_OF_BIRTH" | "YEAR_MONTH" | "PIN" | "NATIONAL_ID_NUMBER")[];
                };
            };
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getReceivers: {
        parameters: {
            query?: {
                q?: string;
                status?: string;
                created_at_after?: string;
                created_at_before?: string;
                sort?: "created_at" | "updated_at";
                direction?: "asc" | "desc";
                page?: number;
                page_limit?: number;
            };
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        pagination: {
                            pages: number;
                            total: number;
                            next?: string;
                            prev?: string;
                        };
                        data: components["schemas"]["Receiver"][];
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postReceivers: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    external_id: string;
                    email?: string;
                    /** @example +254710000001 */
                    phone_number?: string;
                    verifications?: {
                        /** @enum {string} */
                        type: "DATE_OF_BIRTH" | "YEAR_MONTH" | "PIN" | "NATIONAL_ID_NUMBER";
                        value: string;
                    }[];
                    wallets?: {
                        address: string;
                        memo?: string;
                    }[];
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceiverDetails"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description Somebody else has this contact or address; `extras` says which. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getReceiversById: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceiverDetails"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is nobody with this id. */
            404: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    patchReceiversById: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email?: string;
                    /** @example +254710000001 */
                    phone_number?: string;
                    external_id?: string;
                    /** @example 1990-01-30 */
                    date_of_birth?: string;
                    /** @example 1990-12 */
                    year_month?: string;
                    pin?: string | null;
                    national_id?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceiverDetails"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is nobody with this id. */
            404: components["responses"]["Refused"];
            /** @description Somebody else has this contact or address; `extras` says which. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    patchReceiversWalletsById: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        /** Format: uuid */
                        receiver_id: string;
                        /** Format: uuid */
                        wallet_id: string;
                        /** Format: date-time */
                        created_at: string;
                        invitation_sent_at: null;
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such wallet that waits for its registration. */
            404: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    patchReceiversWalletsByIdStatus: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description `READY`, in any case of letters. */
                    status: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is nobody with this id. */
            404: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    patchReceiversByReceiverIdWalletsById: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                receiver_id: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    stellar_address: string;
                    /** @description Empty: none. */
                    stellar_memo?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceiverWallet"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is nobody with this id. */
            404: components["responses"]["Refused"];
            /** @description Somebody else has this contact or address; `extras` says which. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getDisbursements: {
        parameters: {
            query?: {
                q?: string;
                status?: string;
                created_at_after?: string;
                created_at_before?: string;
                sort?: "name" | "created_at";
                direction?: "asc" | "desc";
                page?: number;
                page_limit?: number;
            };
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        pagination: {
                            pages: number;
                            total: number;
                            next?: string;
                            prev?: string;
                        };
                        data: components["schemas"]["Disbursement"][];
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postDisbursements: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
                /** @description From 1 to 255 characters. For 24 hours the same key with the same request gives the first answer again; with another request, or while the first one still runs after ten seconds, 409. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    /** Format: uuid */
                    asset_id: string;
                    /** @enum {string} */
                    registration_contact_type: "EMAIL" | "PHONE_NUMBER" | "EMAIL_AND_WALLET_ADDRESS" | "PHONE_NUMBER_AND_WALLET_ADDRESS";
                    /** @description Not with an address in the file. */
                    wallet_id?: string;
                    /**
                     * @description Not with an address in the file.
                     * @enum {string}
                     */
                    verification_field?: "DATE_OF_BIRTH" | "YEAR_MONTH" | "PIN" | "NATIONAL_ID_NUMBER" | "";
                    receiver_registration_message_template?: string;
                };
                "multipart/form-data": {
                    data: string;
                    /**
                     * Format: binary
                     * @description CSV, with the columns of its contact type.
                     */
                    file: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disbursement"];
                };
            };
            /** @description Its file has more than 10,000 rows: the disbursement is in DRAFT until the upload has ended. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disbursement"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description Nothing came of the body for too long. */
            408: components["responses"]["Refused"];
            /** @description There is one with this name, somebody of its file got another contact while that was read, or the Idempotency-Key was used for another request. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getDisbursementsById: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disbursement"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such disbursement. */
            404: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    deleteDisbursementsById: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was deleted. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disbursement"];
                };
            };
            /** @description It was started. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such disbursement. */
            404: components["responses"]["Refused"];
            /** @description A file is being uploaded for it. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getDisbursementsByIdReview: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisbursementReview"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such disbursement. */
            404: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getDisbursementsByIdReceivers: {
        parameters: {
            query?: {
                sort?: "created_at" | "updated_at";
                direction?: "asc" | "desc";
                page?: number;
                page_limit?: number;
            };
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        pagination: {
                            pages: number;
                            total: number;
                            next?: string;
                            prev?: string;
                        };
                        data: components["schemas"]["DisbursementReceiver"][];
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such disbursement. */
            404: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getDisbursementsByIdInstructions: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file as it was uploaded. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such disbursement. */
            404: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postDisbursementsByIdInstructions: {
        parameters: {
            query?: {
                dry_run?: "true" | "false";
                paid_within_days?: number;
            };
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
                /** @description From 1 to 255 characters. For 24 hours the same key with the same request gives the first answer again; with another request, or while the first one still runs after ten seconds, 409. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /**
                     * Format: binary
                     * @description CSV, with the columns of its contact type.
                     */
                    file: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: string;
                        read_as?: {
                            /** @enum {string} */
                            separator: "comma" | "semicolon" | "tab";
                            /** @enum {string} */
                            encoding: "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";
                        };
                    } | components["schemas"]["DryRun"];
                };
            };
            /** @description It has more than 10,000 rows: it is being checked and published, and `GET /disbursements/{id}/upload` tells how far it is. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: string;
                        /** Format: uuid */
                        upload_id: string;
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such disbursement. */
            404: components["responses"]["Refused"];
            /** @description Nothing came of the body for too long. */
            408: components["responses"]["Refused"];
            /** @description Another upload for it goes on, an address of the file belongs to somebody else, somebody of it got another contact while it was read, or the Idempotency-Key was used for another request. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getDisbursementsByIdUpload: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such disbursement, or no file was uploaded for it. */
            404: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getDisbursementsByIdUploadErrors: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The wrong lines, whatever their number. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such disbursement, no file was uploaded for it, or nothing is wrong with the newest one. */
            404: components["responses"]["Refused"];
            /** @description The newest file is still being checked. */
            409: components["responses"]["Refused"];
            /** @description The refused file is not kept any more: upload it again. */
            410: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getDisbursementsByIdUploadEvents: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such disbursement, or no file was uploaded for it. */
            404: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    patchDisbursementsByIdStatus: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
                /** @description From 1 to 255 characters. For 24 hours the same key with the same request gives the first answer again; with another request, or while the first one still runs after ten seconds, 409. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description `STARTED` or `PAUSED`, in any case of letters. */
                    status: string;
                    /** @description For a start: the id of the file that `GET /disbursements/{id}/review` has shown. It is refused when another one is there, or when its people were changed since. */
                    file?: string | null;
                    /** @description For a start: the `version` of the `recipient_changes` that the review has shown, where there are any. */
                    recipient_changes?: string | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: string;
                        /** @description What was on its way before the pause, and until when it may be paid. */
                        may_still_be_paid?: {
                            /** Format: uuid */
                            payment_id: string;
                            /** Format: date-time */
                            until: string;
                        }[];
                    };
                };
            };
            /** @description The approval is kept; another user has to approve it as well. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such disbursement. */
            404: components["responses"]["Refused"];
            /** @description The distribution account does not hold enough (`error` says how much), another file is there than the one named, its people were changed since and the review was not looked at again, or the Idempotency-Key was used for another request. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getPayments: {
        parameters: {
            query?: {
                q?: string;
                status?: string;
                type?: string;
                receiver_id?: string;
                created_at_after?: string;
                created_at_before?: string;
                sort?: "created_at" | "updated_at";
                direction?: "asc" | "desc";
                page?: number;
                page_limit?: number;
            };
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        pagination: {
                            pages: number;
                            total: number;
                            next?: string;
                            prev?: string;
                        };
                        data: components["schemas"]["Payment"][];
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postPayments: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
                /** @description From 1 to 255 characters. For 24 hours the same key with the same request gives the first answer again; with another request, or while the first one still runs after ten seconds, 409. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example 12.5 */
                    amount: string;
                    asset: {
                        /** Format: uuid */
                        id: string;
                    } | {
                        type: string;
                        code?: string;
                        issuer?: string;
                    };
                    receiver: {
                        id?: string;
                        email?: string;
                        phone_number?: string;
                        wallet_address?: string;
                    };
                    wallet: {
                        id?: string;
                        address?: string;
                    };
                    external_payment_id?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such asset, receiver or wallet. */
            404: components["responses"]["Refused"];
            /** @description The Idempotency-Key was used for another request. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postPaymentsByIdApproval: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
                /** @description From 1 to 255 characters. For 24 hours the same key with the same request gives the first answer again; with another request, or while the first one still runs after ten seconds, 409. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description The `version` of the `recipient_changes` that `GET /payments/{id}` has shown, where there are any. */
                    recipient_changes?: string | null;
                };
            };
        };
        responses: {
            /** @description It is paid. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description Another approver is needed. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such payment. */
            404: components["responses"]["Refused"];
            /** @description Its receiver was changed since it was made and the payment was not looked at again, or the Idempotency-Key was used for another request. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    patchPaymentsRetry: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
                /** @description From 1 to 255 characters. For 24 hours the same key with the same request gives the first answer again; with another request, or while the first one still runs after ten seconds, 409. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    payment_ids: string[];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description Another approver is needed. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description The outcomes of the payment contradict each other and somebody has to look at it first, or the Idempotency-Key was used for another request. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getPaymentsById: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such payment. */
            404: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    patchPaymentsByIdStatus: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
                /** @description From 1 to 255 characters. For 24 hours the same key with the same request gives the first answer again; with another request, or while the first one still runs after ten seconds, 409. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description `CANCELED`, in any case of letters. */
                    status: string;
                };
            };
        };
        responses: {
            /** @description It is cancelled and will not be paid. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description It is on its way; it is cancelled if this attempt ends unpaid. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such payment. */
            404: components["responses"]["Refused"];
            /** @description The outcomes of the payment contradict each other and somebody has to look at it first, or the Idempotency-Key was used for another request. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getStatistics: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statistics"];
                };
            };
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getStatisticsById: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisbursementStatistics"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The caller’s role or key does not allow this. */
            403: components["responses"]["Refused"];
            /** @description There is no such disbursement. */
            404: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The process is alive. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        ready: boolean;
                        reasons: string[];
                    };
                };
            };
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getOpenapiJson: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getDocs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getDocsByAsset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                asset: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A script, a style or an image. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description The page has no such part. */
            404: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getAppConfig: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        captcha_type: string;
                        captcha_site_key: string;
                        captcha_disabled: boolean;
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getOrganizationLogo: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A PNG or JPEG. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": string;
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postLogin: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
                /** @description A random text that stands for the browser; needed where a second factor is asked for. */
                "Device-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email: string;
                    password: string;
                    /** @description The refresh token comes in the answer instead of a cookie that scripts cannot read. */
                    refresh_in_body?: boolean;
                    recaptcha_token?: string;
                };
            };
        };
        responses: {
            /** @description Signed in, or a second factor is asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"] | components["schemas"]["SecondFactorAsked"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description E-mail or password is wrong, or the user is switched off. */
            401: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postMfa: {
        parameters: {
            query?: never;
            header: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
                /** @description The same text as at `POST /login`. */
                "Device-ID": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Of the app, of the letter, or a recovery code. */
                    mfa_code?: string;
                    /** @description What `navigator.credentials.get` answered, as JSON. */
                    passkey?: {
                        [key: string]: unknown;
                    } | null;
                    /** @description Do not ask again on this device for seven days. */
                    remember_me?: boolean;
                    /** @description The refresh token comes in the answer instead of a cookie that scripts cannot read. */
                    refresh_in_body?: boolean;
                    recaptcha_token?: string;
                };
            };
        };
        responses: {
            /** @description Signed in. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description The second factor is wrong, was used before, or is no longer waited for. */
            401: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postMfaEmail: {
        parameters: {
            query?: never;
            header: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
                /** @description The same text as at `POST /login`. */
                "Device-ID": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description A code was sent, if anybody waits for one on this device. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postMfaPasskeyOptions: {
        parameters: {
            query?: never;
            header: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
                /** @description The same text as at `POST /login`. */
                "Device-ID": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description For `navigator.credentials.get`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description Nobody waits for a second factor on this device. */
            401: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postForgotPassword: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email: string;
                    recaptcha_token?: string;
                };
            };
        };
        responses: {
            /** @description The same whether the address is known or not. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postResetPassword: {
        parameters: {
            query?: never;
            header?: {
                /** @description The organisation, where neither the host nor a token names it. */
                "SDP-Tenant-Name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    password: string;
                    reset_token: string;
                };
            };
        };
        responses: {
            /** @description Done. All sessions of the user have ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": null;
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getTenants: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"][];
                };
            };
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postTenants: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    owner_email: string;
                    owner_first_name: string;
                    owner_last_name: string;
                    organization_name: string;
                    /** @enum {string} */
                    distribution_account_type: "DISTRIBUTION_ACCOUNT.STELLAR.ENV" | "DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT";
                    /** @description http or https, a host and perhaps a path: no user, query, fragment or white space. */
                    base_url?: string;
                    /** @description http or https, a host and perhaps a path: no user, query, fragment or white space. */
                    sdp_ui_base_url?: string;
                };
            };
        };
        responses: {
            /** @description It is ready to work. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            /** @description Its ledger account or the trustlines of it are still being made: it is ready by itself when they are. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        name: string;
                        base_url: string;
                        sdp_ui_base_url: string;
                        /** @enum {string} */
                        status: "TENANT_CREATED" | "TENANT_PROVISIONED" | "TENANT_ACTIVATED" | "TENANT_DEACTIVATED";
                        is_default: boolean;
                        /** Format: date-time */
                        created_at: string;
                        /** Format: date-time */
                        updated_at: string;
                        deleted_at: string | null;
                        distribution_account_address: string | null;
                        distribution_account_type: string;
                        distribution_account_status: string;
                        message: string;
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getTenantsByIdOrName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                idOrName: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description There is no such tenant. */
            404: components["responses"]["Refused"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    deleteTenantsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            /** @description It was deleted before. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is not switched off, or its account still holds something. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description There is no such tenant. */
            404: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    patchTenantsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description http or https, a host and perhaps a path: no user, query, fragment or white space. */
                    base_url?: string;
                    /** @description http or https, a host and perhaps a path: no user, query, fragment or white space. */
                    sdp_ui_base_url?: string;
                    /** @enum {string} */
                    status?: "TENANT_ACTIVATED" | "TENANT_DEACTIVATED";
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        name: string;
                        base_url: string;
                        sdp_ui_base_url: string;
                        /** @enum {string} */
                        status: "TENANT_CREATED" | "TENANT_PROVISIONED" | "TENANT_ACTIVATED" | "TENANT_DEACTIVATED";
                        is_default: boolean;
                        /** Format: date-time */
                        created_at: string;
                        /** Format: date-time */
                        updated_at: string;
                        deleted_at: string | null;
                        distribution_account_address: string | null;
                        distribution_account_type: string;
                        distribution_account_status: string;
                        /** @description What was on its way before the switch, and until when it may be paid. */
                        may_still_be_paid?: {
                            /** Format: uuid */
                            payment_id: string;
                            /** Format: date-time */
                            until: string;
                        }[];
                    };
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description There is no such tenant. */
            404: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postTenantsDefaultTenant: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    id: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The installation is not of one tenant (`SINGLE_TENANT_MODE`). */
            403: components["responses"]["Refused"];
            /** @description There is no such tenant. */
            404: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getTenantsByIdOutflowCeilings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutflowCeiling"][];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description There is no such tenant. */
            404: components["responses"]["Refused"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    putTenantsByIdOutflowCeilings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    asset_code: string;
                    amount_per_hour: string | null;
                    reason: string;
                    /** @description Empty for XLM. */
                    asset_issuer?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutflowCeiling"][];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description There is no such tenant, or no ceiling to remove. */
            404: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    getPaying: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Paying"];
                };
            };
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postPayingStop: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Paying"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
    postPayingResume: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                    /** @description The reason of the stop that is lifted. */
                    hold?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Paying"];
                };
            };
            /** @description The request is wrong; `error` and `extras` say where. */
            400: components["responses"]["Refused"];
            /** @description No token or key, or one that does not count any more. */
            401: components["responses"]["Refused"];
            /** @description Nothing is stopped, or `hold` must say which stop is meant. */
            409: components["responses"]["Refused"];
            /** @description The body is too large. */
            413: components["responses"]["Refused"];
            /** @description The content type or encoding is not supported. */
            415: components["responses"]["Refused"];
            /** @description A defect of ours or an outage. Nothing was done, or it is safe to repeat. */
            500: components["responses"]["Refused"];
            /** @description Something that is needed does not answer at the moment. Try again. */
            503: components["responses"]["Refused"];
        };
    };
}

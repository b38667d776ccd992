// Made of the OpenAPI document by scripts/wire-types.mjs (npm run wire). Do not edit.

export interface paths {
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The public keys that access tokens are signed with, as a JWK set. */
        get: operations["auth_jwks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/context/basic": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's accounts and roles. */
        get: operations["auth_context_basic_alias"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/f/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Save a file that a customer's channel did not carry, by the link that went with the text. Takes one `Range`. */
        get: operations["files_linked"];
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
        /** The process answers. */
        get: operations["operation_alive_alias"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The store answers and the hub is not stopping. */
        get: operations["operation_ready_alias"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process answers. */
        get: operations["operation_alive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The store answers and the hub is not stopping. */
        get: operations["operation_ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The accounts that one belongs to. */
        get: operations["accounts_list"];
        put?: never;
        /** Make an account and own it. Needs `account.manage` in an account. */
        post: operations["accounts_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One account. */
        get: operations["accounts_get"];
        /** Change an account; what is absent stays. Needs `account.manage`. */
        put: operations["accounts_update_put"];
        post?: never;
        /**
         * Suspend an account: nobody can act in it any more, its data stays, the operator can undo it. Needs
         *     `account.manage`.
         */
        delete: operations["accounts_suspend"];
        options?: never;
        head?: never;
        /** Change an account; what is absent stays. Needs `account.manage`. */
        patch: operations["accounts_update"];
        trace?: never;
    };
    "/v1/accounts/{id}/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The members of an account. Needs `users.view`. */
        get: operations["memberships_list"];
        put?: never;
        /** Add a member of another account of one's own. Needs `users.manage`. */
        post: operations["memberships_add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One member. Needs `users.view`. */
        get: operations["memberships_get"];
        /** Give a member another role; neither may hold more than one's own. Needs `users.manage`. */
        put: operations["memberships_set_role_put"];
        post?: never;
        /** Take a member out of the account. Needs `users.manage`; the last who may manage it stays. */
        delete: operations["memberships_remove"];
        options?: never;
        head?: never;
        /** Give a member another role; neither may hold more than one's own. Needs `users.manage`. */
        patch: operations["memberships_set_role"];
        trace?: never;
    };
    "/v1/agent-preferences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The preferences of all agents; without `preferences.manage`, one's own. */
        get: operations["agent_preferences_list"];
        put?: never;
        /** Make preferences, one's own or, with `preferences.manage`, another's; 409 when there are some. */
        post: operations["agent_preferences_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agent-preferences/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's own preferences. */
        get: operations["agent_preferences_mine"];
        /** Change one's own preferences; makes them when there are none. */
        put: operations["agent_preferences_update_mine_put"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change one's own preferences; makes them when there are none. */
        patch: operations["agent_preferences_update_mine"];
        trace?: never;
    };
    "/v1/agent-preferences/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Preferences by their id or their user's. Others' need `preferences.manage`. */
        get: operations["agent_preferences_get"];
        /** Change preferences by their id or their user's. Others' need `preferences.manage`. */
        put: operations["agent_preferences_update_put"];
        post?: never;
        /** Back to the defaults. Others' need `preferences.manage`. */
        delete: operations["agent_preferences_delete"];
        options?: never;
        head?: never;
        /** Change preferences by their id or their user's. Others' need `preferences.manage`. */
        patch: operations["agent_preferences_update"];
        trace?: never;
    };
    "/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The keys of one's accounts. Needs `api_keys.manage`. */
        get: operations["api_keys_list"];
        put?: never;
        /**
         * Make a key that holds no more than one's own role; its secret is shown now and never again. Needs
         *     `api_keys.manage`.
         */
        post: operations["api_keys_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One key. Needs `api_keys.manage`. */
        get: operations["api_keys_get"];
        put?: never;
        post?: never;
        /** End a key at once. Needs `api_keys.manage`. */
        delete: operations["api_keys_revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in with e-mail and password. */
        post: operations["auth_login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End this sign-in. */
        post: operations["auth_logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change one's own password; other sign-ins end. */
        post: operations["auth_change_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exchange a refresh token for new tokens. It is good for one use; within 30 seconds it may be shown once more, if
         *     the answer was lost. A used one that comes back otherwise ends its session.
         */
        post: operations["auth_refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's own sign-ins. */
        get: operations["auth_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/auth/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of one's own sign-ins. */
        delete: operations["auth_end_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bot-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The bot rules of all accounts that one belongs to. Needs `bot_rules.view`. */
        get: operations["bot_rules_list"];
        put?: never;
        /** Make a bot rule. Needs `bot_rules.manage`. */
        post: operations["bot_rules_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bot-rules/reorder": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put rules into an order; answers the active rules in theirs. Needs `bot_rules.manage`. */
        post: operations["bot_rules_reorder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bot-rules/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try the rules on a message without anything happening. Needs `bot_rules.view`. */
        post: operations["bot_rules_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bot-rules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One bot rule. Needs `bot_rules.view`. */
        get: operations["bot_rules_get"];
        /** Change a bot rule; what is absent stays. Needs `bot_rules.manage`. */
        put: operations["bot_rules_update_put"];
        post?: never;
        /** Remove a bot rule. Needs `bot_rules.manage`. */
        delete: operations["bot_rules_delete"];
        options?: never;
        head?: never;
        /** Change a bot rule; what is absent stays. Needs `bot_rules.manage`. */
        patch: operations["bot_rules_update"];
        trace?: never;
    };
    "/v1/canned-responses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The canned responses of all accounts that one belongs to. Needs `canned_responses.view`. */
        get: operations["canned_responses_list"];
        put?: never;
        /** Make a canned response. Needs `canned_responses.manage`. */
        post: operations["canned_responses_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/canned-responses/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Suggestions for what an agent typed, best first, with the variables filled in for the conversation's
         *     contact. Needs `canned_responses.view`.
         */
        get: operations["canned_responses_search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/canned-responses/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One canned response. Needs `canned_responses.view`. */
        get: operations["canned_responses_get"];
        /** Change a canned response; what is absent stays. Needs `canned_responses.manage`. */
        put: operations["canned_responses_update_put"];
        post?: never;
        /** Remove a canned response. Needs `canned_responses.manage`. */
        delete: operations["canned_responses_delete"];
        options?: never;
        head?: never;
        /** Change a canned response; what is absent stays. Needs `canned_responses.manage`. */
        patch: operations["canned_responses_update"];
        trace?: never;
    };
    "/v1/channel-providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The providers of this build: limits, abilities, and the JSON Schemas of their forms. */
        get: operations["channels_providers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The channels of all accounts that one belongs to. Needs `channels.view`. */
        get: operations["channels_list"];
        put?: never;
        /**
         * Make a channel; its credentials are tried at once, and it stands at `connected` or `error`. The answer
         *     has the `webhook_url` and, for web chat, `settings.public_key`. Needs `channels.manage`.
         */
        post: operations["channels_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One channel. Needs `channels.view`. */
        get: operations["channels_get"];
        /** Change a channel; new credentials or settings are tried at once. Needs `channels.manage`. */
        put: operations["channels_update_put"];
        post?: never;
        /** Remove a channel for good; its conversations stay. Needs `channels.manage`. */
        delete: operations["channels_delete"];
        options?: never;
        head?: never;
        /** Change a channel; new credentials or settings are tried at once. Needs `channels.manage`. */
        patch: operations["channels_update"];
        trace?: never;
    };
    "/v1/channels/{id}/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ask the provider how the channel stands. Needs `channels.manage`. */
        get: operations["channels_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/{id}/sandbox/behaviour": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How a sandbox channel was told to behave; null: as its settings say. */
        get: operations["sandbox_behaviour"];
        /**
         * Tell a sandbox channel how to behave: to delay, duplicate, reorder, throttle or fail.
         * @description `{"behaviour": null}` goes back to the channel's own settings.
         */
        put: operations["sandbox_tell"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/{id}/sandbox/inbound": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write as a customer of a sandbox channel.
         * @description Makes the signed webhook that a provider would send and passes it through the webhook door; answered once it is
         *     stored for good. `copies` delivers the same webhook several times.
         */
        post: operations["sandbox_write"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/{id}/sandbox/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was sent on a sandbox channel.
         * @description The messages that the sandbox took after number `after`, oldest first, with how each stands now. The sandbox
         *     remembers the last ten thousand of each channel until the hub stops.
         */
        get: operations["sandbox_messages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/{id}/templates/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take over the templates that the provider keeps for a channel, with their approval. Needs
         *     `templates.manage` and `channels.manage`.
         */
        post: operations["templates_sync"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/{id}/test-message": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send one message through the channel, once, and answer what the provider made of it: also a refusal is a 200, with
         *     `outcome` and `error`. It is in no conversation. Six a minute and channel. Needs `channels.manage`.
         */
        post: operations["channels_test_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/{id}/unheard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What came to the channel and is in no conversation: while it was switched off, or unreadable. Needs
         *     `channels.view`.
         */
        get: operations["channels_unheard"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/{id}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try the credentials again; answers the channel with its new status. Needs `channels.manage`. */
        post: operations["channels_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/{id}/webhook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell the provider again where its webhooks go. Needs `channels.manage`. */
        post: operations["channels_webhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The account's live sockets at this node, oldest first. Needs `account.manage`. */
        get: operations["operation_connections_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Cut a live socket's transport. A client comes back by itself; deactivate the user, or sign them out, to keep
         *     somebody away. Needs `account.manage`.
         */
        delete: operations["operation_connections_cut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contact-identifiers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The contact identifiers of all accounts that one belongs to. Needs `contacts.view`. */
        get: operations["contacts_list"];
        put?: never;
        /** Make a contact identifier. Needs `contacts.manage`. */
        post: operations["contacts_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contact-identifiers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One contact identifier. Needs `contacts.view`. */
        get: operations["contacts_get"];
        /** Change a contact identifier; what is absent stays. Needs `contacts.manage`. */
        put: operations["contacts_update_put"];
        post?: never;
        /** Remove a contact identifier. Needs `contacts.manage`. */
        delete: operations["contacts_delete"];
        options?: never;
        head?: never;
        /** Change a contact identifier; what is absent stays. Needs `contacts.manage`. */
        patch: operations["contacts_update"];
        trace?: never;
    };
    "/v1/contact-imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The imports of all accounts that one belongs to. Needs `contacts.view`. */
        get: operations["contacts_list_get"];
        put?: never;
        /**
         * Import contacts from an uploaded CSV file; it goes on in the background. `dry_run` looks at every row and writes
         *     none. Needs `contacts.manage`.
         */
        post: operations["contacts_create_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contact-imports/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The columns of an uploaded file, what they most likely mean, and its first rows. Needs `contacts.manage`. */
        post: operations["contacts_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contact-imports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One import with its progress. Needs `contacts.view`. */
        get: operations["contacts_get_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contact-imports/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop an import; what it has made stays. Needs `contacts.manage`. */
        post: operations["contacts_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contact-imports/{id}/errors.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The rows that were refused, with the reasons, as a CSV file; at most 10,000. Needs `contacts.view`. */
        get: operations["contacts_errors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contact-merges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The merges of all accounts that one belongs to. Needs `contacts.view`. */
        get: operations["contacts_merges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contact-merges/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a merge back; the merged contact is there again. Needs `contacts.manage`. */
        post: operations["contacts_undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The contacts of all accounts that one belongs to. Needs `contacts.view`. */
        get: operations["contacts_list_get_get"];
        put?: never;
        /** Make a contact; 409 when another one has the phone number or the e-mail address. Needs `contacts.manage`. */
        post: operations["contacts_create_post_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contacts/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make, change and remove many; each item succeeds or fails by itself. Needs `contacts.manage`. */
        post: operations["contacts_bulk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contacts/export.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Contacts as a CSV file, with the filters of the list. Needs `contacts.view`. */
        get: operations["contacts_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contacts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One contact. Needs `contacts.view`. */
        get: operations["contacts_get_get_get"];
        /** Change a contact; what is absent stays. Needs `contacts.manage`. */
        put: operations["contacts_update_put_put"];
        post?: never;
        /** Remove a contact; 409 while it has conversations. Needs `contacts.manage`. */
        delete: operations["contacts_delete_delete"];
        options?: never;
        head?: never;
        /** Change a contact; what is absent stays. Needs `contacts.manage`. */
        patch: operations["contacts_update_patch"];
        trace?: never;
    };
    "/v1/contacts/{id}/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Merge another contact into this one, which survives; 30 days long it can be undone. Needs `contacts.manage`. */
        post: operations["contacts_merge_into"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contacts/{id}/merge/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What merging another contact into this one would do. Needs `contacts.manage`. */
        post: operations["contacts_merge_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contacts/{id}/merges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The merges into a contact. Needs `contacts.view`. */
        get: operations["contacts_merges_of"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contacts/{id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened with a contact, newest first; `before` and `limit` turn the pages. Needs `contacts.view`. */
        get: operations["contacts_timeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/context": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's accounts and roles. */
        get: operations["auth_context"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/context/basic": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's accounts and roles. */
        get: operations["auth_context_basic"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The conversations that one may see, newest message first. Needs `conversations.view`. */
        get: operations["conversations_list"];
        put?: never;
        /** Start a conversation with a contact; 409 with its id when one is open. Needs `conversations.reply`. */
        post: operations["conversations_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/conversations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One conversation. Needs `conversations.view`. */
        get: operations["conversations_get"];
        /**
         * Change a conversation: fields first, then assignee and team, then status; each is one change of its own.
         *     Needs `conversations.reply`, to assign to others `conversations.assign`.
         */
        put: operations["conversations_update_put"];
        post?: never;
        /** Close a conversation; it stays readable. Needs `conversations.manage`. */
        delete: operations["conversations_close"];
        options?: never;
        head?: never;
        /**
         * Change a conversation: fields first, then assignee and team, then status; each is one change of its own.
         *     Needs `conversations.reply`, to assign to others `conversations.assign`.
         */
        patch: operations["conversations_update"];
        trace?: never;
    };
    "/v1/conversations/{id}/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lines between the messages, oldest first, at most the newest 200: other status, other agent, a rating, and by
         *     whom. The socket tells new ones as `conversation:activity`.
         */
        get: operations["conversations_activity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/conversations/{id}/assign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Assign a conversation to an agent or a team. Taking it oneself needs `conversations.reply`, anything else
         *     `conversations.assign`.
         */
        post: operations["conversations_assign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/conversations/{id}/assignments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who has had a conversation, oldest first. */
        get: operations["conversations_assignments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/conversations/{id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The messages of a conversation, oldest first; notes only with `notes.view`. */
        get: operations["conversations_messages_of"];
        put?: never;
        /**
         * Answer a conversation, or leave a note in it. 201 when it is stored; a public one is then on its way.
         *     Needs `conversations.reply`.
         */
        post: operations["conversations_post_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/conversations/{id}/routing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why routing did what it did: decisions with the agents looked at and why each was refused. */
        get: operations["conversations_routing"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/conversations/{id}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Move a conversation to another status; 400 names the allowed ones. Needs `conversations.reply`. */
        post: operations["conversations_status"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a file: by the signed address of a message, or as a member who may see conversations. Takes one
         *     `Range`.
         */
        get: operations["files_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/group-messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The group messages of all accounts that one belongs to. Needs `messages.view`. */
        get: operations["group_messages_list"];
        put?: never;
        /**
         * Make a group message, as a draft or, with `status: "queued"`, to be sent: now or at `scheduled_at`. A
         *     `message_body` becomes a template. Needs `group_messages.send`.
         */
        post: operations["group_messages_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/group-messages/estimate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a group message would come to: size, segments, cost class, end, missing values. Needs `messages.view`
         *     and `contacts.view`.
         */
        post: operations["group_messages_estimate_new"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/group-messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One group message with its counts. Needs `messages.view`. */
        get: operations["group_messages_get"];
        /**
         * Change a group message that has not begun, change the rate of one that runs, or move it on with `status`:
         *     `queued` (send, or resume), `paused`, `cancelled`. Needs `group_messages.send`.
         */
        put: operations["group_messages_update_put"];
        post?: never;
        /** Remove a group message that is a draft or over; its messages stay. Needs `group_messages.send`. */
        delete: operations["group_messages_delete"];
        options?: never;
        head?: never;
        /**
         * Change a group message that has not begun, change the rate of one that runs, or move it on with `status`:
         *     `queued` (send, or resume), `paused`, `cancelled`. Needs `group_messages.send`.
         */
        patch: operations["group_messages_update"];
        trace?: never;
    };
    "/v1/group-messages/{id}/estimate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a stored group message would come to. Needs `messages.view`. */
        get: operations["group_messages_estimate_stored"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/group-messages/{id}/recipients": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of each recipient. Needs `messages.view`. */
        get: operations["group_messages_recipients"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/group-messages/{id}/recipients.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All recipients as a CSV file. Needs `messages.view`. */
        get: operations["group_messages_recipients_csv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/group-messages/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try those again that failed. Needs `group_messages.send`. */
        post: operations["group_messages_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/group-messages/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send one message as a recipient would get it, to oneself; it is counted nowhere. Needs
         *     `group_messages.send` and `messages.send`.
         */
        post: operations["group_messages_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The groups of all accounts that one belongs to. Needs `contacts.view`. */
        get: operations["contacts_list_get_get_get"];
        put?: never;
        /** Make a group. Needs `contacts.manage`. */
        post: operations["contacts_create_post_post_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One group. Needs `contacts.view`. */
        get: operations["contacts_get_get_get_get"];
        /** Change a group; what is absent stays. Needs `contacts.manage`. */
        put: operations["contacts_update_put_put_put"];
        post?: never;
        /** Remove a group. Needs `contacts.manage`. */
        delete: operations["contacts_delete_delete_delete"];
        options?: never;
        head?: never;
        /** Change a group; what is absent stays. Needs `contacts.manage`. */
        patch: operations["contacts_update_patch_patch"];
        trace?: never;
    };
    "/v1/groups/{id}/contacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The contacts in a group, with the filters of contacts. Needs `contacts.view`. */
        get: operations["contacts"];
        put?: never;
        /** Put contacts into a group. Needs `contacts.manage`. */
        post: operations["contacts_add_contacts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups/{id}/contacts/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take contacts out of a group; they stay where they are otherwise. Needs `contacts.manage`. */
        post: operations["contacts_remove_contacts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups/{id}/contacts/{contact_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take one contact out of a group. Needs `contacts.manage`. */
        delete: operations["contacts_remove_contact"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups/{id}/persons": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The persons in a group, with the filters of persons. Needs `contacts.view`. */
        get: operations["contacts_persons"];
        put?: never;
        /** Put persons into a group. Needs `contacts.manage`. */
        post: operations["contacts_add_persons"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups/{id}/persons/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take persons out of a group; they stay where they are otherwise. Needs `contacts.manage`. */
        post: operations["contacts_remove_persons"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups/{id}/persons/{person_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take one person out of a group. Needs `contacts.manage`. */
        delete: operations["contacts_remove_person"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/labels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The labels of all accounts that one belongs to. Needs `conversations.view`. */
        get: operations["conversations_list_get"];
        put?: never;
        /** Make a label. Needs `conversations.manage`. */
        post: operations["conversations_create_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/labels/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One label. Needs `conversations.view`. */
        get: operations["conversations_get_get"];
        /** Change a label; what is absent stays. Needs `conversations.manage`. */
        put: operations["conversations_update_put_put"];
        post?: never;
        /** Remove a label. Needs `conversations.manage`. */
        delete: operations["conversations_delete"];
        options?: never;
        head?: never;
        /** Change a label; what is absent stays. Needs `conversations.manage`. */
        patch: operations["conversations_update_patch"];
        trace?: never;
    };
    "/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The messages that one may see, newest first; notes only with `notes.view`. Needs `messages.view`. */
        get: operations["messages_list"];
        put?: never;
        /**
         * Send one message to one address, from a text or a template; rendered now, sent soon. Needs
         *     `messages.send`.
         */
        post: operations["messages_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/render": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Fill in a text without sending it. Needs `templates.view`. */
        post: operations["messages_render"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One message. Needs `messages.view`. */
        get: operations["messages_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/{id}/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was told to the provider and what it answered, for each attempt to deliver the message, newest first; secrets
         *     are masked, bodies cut to two kilobytes. Kept for `retention.exchanges` (seven days). Needs `channels.manage` and
         *     `messages.view`.
         */
        get: operations["messages_attempts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take back a message that waits for its time. Needs `conversations.reply`. */
        post: operations["messages_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a failed message again, or one of which nobody knows whether it was sent. Needs
         *     `conversations.reply`.
         */
        post: operations["messages_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/permissions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The closed list of permissions. */
        get: operations["roles_permissions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/persons": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The persons of all accounts that one belongs to. Needs `contacts.view`. */
        get: operations["contacts_list_get_get_get_get"];
        put?: never;
        /** Make a person. Needs `contacts.manage`. */
        post: operations["contacts_create_post_post_post_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/persons/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One person. Needs `contacts.view`. */
        get: operations["contacts_get_get_get_get_get"];
        /** Change a person; what is absent stays. Needs `contacts.manage`. */
        put: operations["contacts_update_put_put_put_put"];
        post?: never;
        /** Remove a person. Needs `contacts.manage`. */
        delete: operations["contacts_delete_delete_delete_delete"];
        options?: never;
        head?: never;
        /** Change a person; what is absent stays. Needs `contacts.manage`. */
        patch: operations["contacts_update_patch_patch_patch"];
        trace?: never;
    };
    "/v1/public/chat/{public_key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the widget shows; 404 for an unknown or switched-off chat, 403 with the reason `origin_not_allowed` to
         *     pages of other origins than the channel's.
         */
        get: operations["web_chat_config"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/public/chat/{public_key}/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start or resume a visitor's session. The token opens the `/customers` socket; a new visitor's secret is
         *     shown once.
         */
        post: operations["web_chat_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/public/chat/{public_key}/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Announce a visitor's file. The session's token goes as `Authorization: Bearer`. */
        post: operations["web_chat_upload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The roles of one's accounts. Needs `users.view`. */
        get: operations["roles_list"];
        put?: never;
        /** Make a role that holds no more than one's own. Needs `roles.manage`. */
        post: operations["roles_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/roles/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One role. */
        get: operations["roles_get"];
        /** Change a role that is not built in. Needs `roles.manage` and all that it holds. */
        put: operations["roles_update_put"];
        post?: never;
        /** Delete a role that is neither built in nor held by a member. Needs `roles.manage`. */
        delete: operations["roles_delete"];
        options?: never;
        head?: never;
        /** Change a role that is not built in. Needs `roles.manage` and all that it holds. */
        patch: operations["roles_update"];
        trace?: never;
    };
    "/v1/scheduled-messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The scheduled messages of all accounts that one belongs to. Needs `messages.view`. */
        get: operations["scheduled_messages_list"];
        put?: never;
        /** Schedule a message, once or again and again. Needs `schedules.manage`. */
        post: operations["scheduled_messages_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/scheduled-messages/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The next five times of a rule, before it is stored. Needs `messages.view`. */
        post: operations["scheduled_messages_runs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/scheduled-messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One scheduled message with its next five times. Needs `messages.view`. */
        get: operations["scheduled_messages_get"];
        /**
         * Change one that is pending or paused, or move it on with `status`: `paused`, `pending`, `cancelled`. Needs
         *     `schedules.manage`.
         */
        put: operations["scheduled_messages_update_put"];
        post?: never;
        /** Remove one that is over; what it sent stays. Needs `schedules.manage`. */
        delete: operations["scheduled_messages_delete"];
        options?: never;
        head?: never;
        /**
         * Change one that is pending or paused, or move it on with `status`: `paused`, `pending`, `cancelled`. Needs
         *     `schedules.manage`.
         */
        patch: operations["scheduled_messages_update"];
        trace?: never;
    };
    "/v1/scheduled-messages/{id}/occurrences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Its last hundred firings: fired, missed, failed. Needs `messages.view`. */
        get: operations["scheduled_messages_occurrences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/segments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The segments of all accounts that one belongs to. Needs `contacts.view`. */
        get: operations["contacts_list_get_get_get_get_get"];
        put?: never;
        /** Make a segment. Needs `contacts.manage`. */
        post: operations["contacts_create_post_post_post_post_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/segments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One segment. Needs `contacts.view`. */
        get: operations["contacts_get_get_get_get_get_get"];
        /** Change a segment; what is absent stays. Needs `contacts.manage`. */
        put: operations["contacts_update_put_put_put_put_put"];
        post?: never;
        /** Remove a segment. Needs `contacts.manage`. */
        delete: operations["contacts_delete_delete_delete_delete_delete"];
        options?: never;
        head?: never;
        /** Change a segment; what is absent stays. Needs `contacts.manage`. */
        patch: operations["contacts_update_patch_patch_patch_patch"];
        trace?: never;
    };
    "/v1/segments/{id}/contacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The contacts that are in it now; filters narrow them. Needs `contacts.view`. */
        get: operations["contacts_get_get_get_get_get_get_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sending-limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Quotas with what was used of them, quiet hours, and the cap for each contact. Needs `messages.view`. */
        get: operations["group_messages_get_get"];
        /**
         * Set quiet hours and the cap for each contact; what is absent is no longer. Quotas are the operator's. Needs
         *     `account.manage`.
         */
        put: operations["group_messages_update_put_put"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the first account and its owner, with the one-time token that an empty hub prints. */
        post: operations["auth_finish"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Addresses that get no bulk messages: who said STOP, bounced or was entered. Needs `contacts.view`. */
        get: operations["contacts_list_get_get_get_get_get_get"];
        put?: never;
        /** Enter an address; 409 when it is suppressed already. Needs `contacts.manage`. */
        post: operations["contacts_create_post_post_post_post_post_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One suppression. Needs `contacts.view`. */
        get: operations["contacts_get_get_get_get_get_get_get_get"];
        put?: never;
        post?: never;
        /** Let messages reach the address again. Needs `contacts.manage`. */
        delete: operations["contacts_delete_delete_delete_delete_delete_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/teams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The teams of all accounts that one belongs to. Needs `teams.view`. */
        get: operations["teams_list"];
        put?: never;
        /** Make a team. Needs `teams.manage`. */
        post: operations["teams_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/teams/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One team. Needs `teams.view`. */
        get: operations["teams_get"];
        /** Change a team; what is absent stays. Needs `teams.manage`. */
        put: operations["teams_update_put"];
        post?: never;
        /** Remove a team; 409 while open conversations stand with it. Needs `teams.manage`. */
        delete: operations["teams_delete"];
        options?: never;
        head?: never;
        /** Change a team; what is absent stays. Needs `teams.manage`. */
        patch: operations["teams_update"];
        trace?: never;
    };
    "/v1/teams/{id}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is in a team. Needs `teams.view`. */
        get: operations["teams_members"];
        put?: never;
        /** Take a user of the account into a team, or give them another role in it. Needs `teams.manage`. */
        post: operations["teams_add_member"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/teams/{id}/members/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take a user out of a team. Needs `teams.manage`. */
        delete: operations["teams_remove_member"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The templates of all accounts that one belongs to. Needs `templates.view`. */
        get: operations["templates_list"];
        put?: never;
        /** Make a template; a mistake in its body is refused with its place. Needs `templates.manage`. */
        post: operations["templates_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates/categories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The categories in use. Needs `templates.view`. */
        get: operations["templates_categories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Look at a text as a template would fill it in, without storing it. Needs `templates.view`. */
        post: operations["templates_preview_text"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One template. Needs `templates.view`. */
        get: operations["templates_get"];
        /** Change a template; what is absent stays. Needs `templates.manage`. */
        put: operations["templates_update_put"];
        post?: never;
        /** Remove a template; 409 while a bot rule answers with it. Needs `templates.manage`. */
        delete: operations["templates_delete"];
        options?: never;
        head?: never;
        /** Change a template; what is absent stays. Needs `templates.manage`. */
        patch: operations["templates_update"];
        trace?: never;
    };
    "/v1/templates/{id}/dry-run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A template tried on an audience: how often each variable has a value, who would be skipped and why. Nothing is
         *     sent. Needs `messages.view` and `contacts.view`.
         */
        post: operations["templates_dry_run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates/{id}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Look at a template, filled in for a contact or with made-up values. Needs `templates.view`. */
        post: operations["templates_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates/{id}/submit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hand a template in at the provider of a channel, for its approval. Needs `templates.manage` and
         *     `channels.manage`.
         */
        post: operations["templates_submit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Announce a file; then `PUT` its bytes to `put_url`, and name its `upload_id` in a message. */
        post: operations["files_request"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far an upload is. */
        get: operations["files_get"];
        /**
         * Send the bytes, whole or a part by `Content-Range`. 200 when the file is complete; 308 with `Range` when
         *     more is missing, also for `Content-Range: bytes *\/SIZE`, which asks how far it is.
         */
        put: operations["files_put"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The members of one's accounts. Needs `users.view`. */
        get: operations["users_list"];
        put?: never;
        /**
         * Make a user who is a member of the account, in a role that holds no more than one's own. Needs
         *     `users.manage`.
         */
        post: operations["users_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's own profile, accounts and permissions. */
        get: operations["users_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A user who shares an account with the caller. */
        get: operations["users_get"];
        /** Change one's own names and phone, or, managing every account of the user, all of them. */
        put: operations["users_update_put"];
        post?: never;
        /** Take a user out of all accounts and deactivate them. Needs `users.manage` in every one of these. */
        delete: operations["users_delete"];
        options?: never;
        head?: never;
        /** Change one's own names and phone, or, managing every account of the user, all of them. */
        patch: operations["users_update"];
        trace?: never;
    };
    "/v1/users/{id}/teams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The teams of a user. Needs `teams.view`, except for one's own. */
        get: operations["teams_of_user"];
        put?: never;
        post?: never;
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
        /**
         * Format: uuid
         * @description A tenant: one organisation.
         */
        AccountId: string;
        /** @enum {string} */
        AccountStatus: "active" | "suspended";
        /** @description An account, as its members see it. */
        AccountView: {
            /** Format: date-time */
            created_at: string;
            description: string | null;
            /** Format: uuid */
            id: string;
            is_active: boolean;
            languages: string[];
            metadata: {
                [key: string]: unknown;
            };
            name: string;
            /** Format: uuid */
            parent_account_id: string | null;
            settings: {
                [key: string]: unknown;
            };
            slug: string;
            status: components["schemas"]["AccountStatus"];
            timezone: string;
            /** Format: date-time */
            updated_at: string;
            visibility: components["schemas"]["Visibility"];
        };
        /** @description What a matching rule does, in the order: reply, labels, priority, status, routing. */
        Actions: {
            assign_strategy?: components["schemas"]["AssignStrategy"] | null;
            assign_team_id?: components["schemas"]["TeamId"] | null;
            /** @description The bot says no more in this conversation, which goes to the queue. */
            hand_off?: boolean;
            reply_template_id?: components["schemas"]["TemplateId"] | null;
            /** @description Sent only where there is no `reply_template_id`. */
            reply_text?: string | null;
            /** @description Added to the labels there are; the first is the topic by which agents are matched. */
            set_labels?: string[];
            set_priority?: components["schemas"]["Priority"] | null;
            set_status?: components["schemas"]["ConversationStatus"] | null;
        };
        /** @description A line between the messages of a thread. */
        ActivityView: components["schemas"]["ConversationActivity"] & {
            /** Format: date-time */
            at: string;
            /**
             * Format: int64
             * @description Its number in the thread.
             */
            seq: number;
        };
        /** @description Whoever changed something, and what they said of it. */
        Actor: {
            /**
             * Format: uuid
             * @description The agent's user id, the bot rule's id or the contact's id.
             */
            id: string | null;
            /** @description The agent's or the rule's name. */
            name: string | null;
            note: string | null;
            type: components["schemas"]["SenderType"];
        };
        /** @description An agent as colleagues see one. */
        AgentBrief: {
            avatar_url: string | null;
            id: components["schemas"]["UserId"];
            name: string;
        };
        /** @description An API key, without its secret. */
        ApiKeyView: {
            /** Format: uuid */
            account_id: string;
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            created_by: string | null;
            /** Format: date-time */
            expires_at: string | null;
            /** Format: uuid */
            id: string;
            /** Format: date-time */
            last_used_at: string | null;
            name: string;
            permissions: string[];
            /** @description Its first characters, to recognise it by. */
            prefix: string;
            /** Format: date-time */
            revoked_at: string | null;
        };
        /** @description That a customer gets a link instead of the file. */
        AsLink: {
            reason: components["schemas"]["LinkReason"];
            /**
             * Format: date-time
             * @description The link opens the file until then; without it the file lies elsewhere, and how long is not ours to say.
             */
            until?: string;
        };
        /**
         * @description How an agent is picked among those eligible.
         * @enum {string}
         */
        AssignStrategy: "round_robin" | "least_busy" | "manual_queue";
        /** @description Who is to have a conversation; what is absent stays, null clears. */
        Assignment: {
            assignee_id?: components["schemas"]["UserId"] | null;
            expected_assignee_id?: components["schemas"]["UserId"] | null;
            note?: string | null;
            team_id?: components["schemas"]["TeamId"] | null;
        };
        /**
         * Format: uuid
         * @description One row of a conversation's assignment history.
         */
        AssignmentId: string;
        /** @description A row of the assignment history. */
        AssignmentView: {
            /** Format: uuid */
            assigned_by: string | null;
            assigned_by_type: string;
            /** Format: uuid */
            assignee_id: string | null;
            conversation_id: components["schemas"]["ConversationId"];
            /** Format: date-time */
            created_at: string;
            id: components["schemas"]["AssignmentId"];
            note: string | null;
            /** Format: uuid */
            previous_assignee_id: string | null;
            reason: string;
            /** Format: uuid */
            rule_id: string | null;
            strategy: string | null;
            /** Format: uuid */
            team_id: string | null;
            /** Format: date-time */
            unassigned_at: string | null;
        };
        /**
         * @description One attachment of a message; at most ten.
         *
         *     A file of ours is named by `upload_id`; `url` is filled when it is shown. A file still at the
         *     provider is named by `provider_file` until it has been fetched.
         */
        Attachment: {
            address?: string;
            /** @description Its channel does not carry it: the customer gets a link in the text. */
            as_link?: components["schemas"]["AsLink"];
            caption?: string;
            /**
             * Format: double
             * @description Seconds.
             */
            duration?: number;
            /**
             * Format: int64
             * @description Bytes.
             */
            file_size?: number;
            filename?: string;
            /** Format: int32 */
            height?: number;
            /**
             * Format: double
             * @description Degrees, −90 to 90.
             */
            latitude?: number;
            /**
             * Format: double
             * @description Degrees, −180 to 180.
             */
            longitude?: number;
            mime_type?: string;
            name?: string;
            thumbnail_url?: string;
            type: components["schemas"]["AttachmentKind"];
            upload_id?: components["schemas"]["UploadId"];
            url?: string;
            /**
             * Format: int32
             * @description Pixels.
             */
            width?: number;
        };
        /** @description An attachment as a sender names it: a finished upload, a public address, or a place. */
        AttachmentInput: {
            address?: string | null;
            caption?: string | null;
            filename?: string | null;
            /** Format: double */
            latitude?: number | null;
            /** Format: double */
            longitude?: number | null;
            mime_type?: string | null;
            name?: string | null;
            type?: components["schemas"]["AttachmentKind"] | null;
            upload_id?: components["schemas"]["UploadId"] | null;
            url?: string | null;
        };
        /** @enum {string} */
        AttachmentKind: "image" | "video" | "audio" | "document" | "location" | "sticker" | "contact_card";
        /** @description One try to deliver a message. What is secret was masked before it was stored. */
        AttemptView: {
            /**
             * Format: date-time
             * @description `null` while it goes on, or when the hub was stopped in the middle of it.
             */
            ended_at: string | null;
            error: components["schemas"]["DeliveryError"] | null;
            /** @description The requests of this attempt, in order. */
            exchanges: components["schemas"]["ExchangeView"][];
            /** Format: uuid */
            id: string;
            /**
             * Format: int32
             * @description From 1; a retry by hand begins again.
             */
            number: number;
            /**
             * @description `accepted`, `refused`, `throttled`, `unavailable`, `given_up`, `unknown`, `not_sent` or `lost`; with `late_`
             *     before it where another attempt had begun meanwhile.
             */
            outcome: string | null;
            /** @description The provider's ids of the parts that it took in this attempt. */
            provider_message_ids: string[];
            /** Format: date-time */
            started_at: string;
        };
        /** Format: uuid */
        BotRuleId: string;
        BotRuleView: {
            account_id: components["schemas"]["AccountId"];
            actions: components["schemas"]["Actions"];
            /** @description By the trigger, see `model::bot::Conditions`. */
            conditions: components["schemas"]["Conditions"];
            /** Format: date-time */
            created_at: string;
            description: string | null;
            id: components["schemas"]["BotRuleId"];
            is_active: boolean;
            metadata: {
                [key: string]: unknown;
            };
            name: string;
            /**
             * Format: int32
             * @description Lower is tried first.
             */
            priority: number;
            trigger_type: components["schemas"]["TriggerType"];
            /** Format: date-time */
            updated_at: string;
        };
        /**
         * @description Whether the bot may still speak in a conversation. Only a reopening or a new conversation
         *     makes it active again.
         * @enum {string}
         */
        BotState: "active" | "handed_over";
        /**
         * @description The roles that every account has from the start.
         * @enum {string}
         */
        BuiltInRole: "owner" | "admin" | "supervisor" | "agent" | "viewer";
        /** @description What is to be done, in this order. */
        Bulk: {
            account_id?: components["schemas"]["AccountId"] | null;
            create?: components["schemas"]["NewContact"][];
            delete?: components["schemas"]["ContactId"][];
            update?: components["schemas"]["BulkUpdate"][];
        };
        BulkDone: {
            failed: number;
            items: components["schemas"]["BulkItem"][];
            succeeded: number;
        };
        /** @description What became of one item. */
        BulkItem: {
            /** @description `create`, `update` or `delete`. */
            action: string;
            details: {
                [key: string]: unknown;
            };
            /** @description Null: it is done. */
            error: string | null;
            id: components["schemas"]["ContactId"] | null;
            /** @description Its place in the list of that action, from 0. */
            index: number;
        };
        BulkUpdate: components["schemas"]["UpdateContact"] & {
            id: components["schemas"]["ContactId"];
        };
        /** @description A suggestion, ready to be sent. */
        CannedHit: {
            category: string | null;
            /** @description With the variables filled in. */
            content: string;
            id: components["schemas"]["CannedResponseId"];
            short_code: string;
            title: string;
            /** @description Variables that have no value here and stay in the text. */
            unresolved: string[];
        };
        /** Format: uuid */
        CannedResponseId: string;
        CannedResponseView: {
            account_id: components["schemas"]["AccountId"];
            category: string | null;
            /** @description May hold variables, see templates. */
            content: string;
            /** Format: date-time */
            created_at: string;
            created_by: components["schemas"]["UserId"] | null;
            id: components["schemas"]["CannedResponseId"];
            metadata: {
                [key: string]: unknown;
            };
            /** @description With its leading slash. */
            short_code: string;
            title: string;
            /** Format: date-time */
            updated_at: string;
        };
        ChangePassword: {
            current_password: string;
            new_password: string;
        };
        /** @description How a channel stands at its provider. */
        ChannelHealth: {
            /** @description What the provider said: balance, backlog, last error. */
            facts: {
                [key: string]: unknown;
            };
            message: string | null;
            /**
             * Format: date-time
             * @description What was sent since then has no receipts, though the provider used to give them.
             */
            receipts_missing_since: string | null;
            /**
             * Format: date-time
             * @description Nothing has come in since then, and that is too long ago.
             */
            silent_since: string | null;
            /** @description `ok`, `degraded` or `down`; a channel that is silent for too long is not `ok`. */
            status: string;
        };
        /** Format: uuid */
        ChannelId: string;
        /**
         * @description How a channel's connection to its provider stands.
         * @enum {string}
         */
        ChannelStatus: "connected" | "disconnected" | "rate_limited" | "error" | "disabled";
        /**
         * @description The seven ways in which a customer can write.
         * @enum {string}
         */
        ChannelType: "sms" | "smpp" | "telegram" | "whatsapp" | "messenger" | "email" | "webchat";
        /** @description A channel as its managers see it; secrets are masked. */
        ChannelView: {
            account_id: components["schemas"]["AccountId"];
            channel_type: components["schemas"]["ChannelType"];
            /** Format: date-time */
            created_at: string;
            /** @description Masked: a masked value that is sent back changes nothing. */
            credentials: unknown;
            default_country_code: string | null;
            error_message: string | null;
            id: components["schemas"]["ChannelId"];
            is_enabled: boolean;
            /** Format: date-time */
            last_verified_at: string | null;
            name: string;
            /** Format: int32 */
            priority: number;
            provider: string;
            /**
             * Format: int32
             * @description Messages a minute; null: as many as the provider takes.
             */
            rate_limit: number | null;
            /**
             * Format: date-time
             * @description What was sent since then has no receipts, though the provider used to give them; null: it does, or never did.
             */
            receipts_missing_since: string | null;
            /**
             * Format: int32
             * @description Null: the built-in ladder until the maximum age.
             */
            retry_count: number | null;
            /**
             * Format: int32
             * @description Seconds.
             */
            retry_interval: number | null;
            sender_name: string | null;
            /** @description Public settings; for web chat with `public_key`, the one identifier that a page needs. */
            settings: unknown;
            /**
             * Format: int32
             * @description Hours without a customer's message until the alarm; 0: never; null: by what is usual for the channel.
             */
            silence_hours: number | null;
            /**
             * Format: date-time
             * @description The alarm: nothing has come in since then, and that is too long ago.
             */
            silent_since: string | null;
            status: components["schemas"]["ChannelStatus"];
            /** Format: date-time */
            updated_at: string;
            /** @description Where the provider sends what it has for us. */
            webhook_url: string;
        };
        /** @description What the widget shows before anybody is connected. */
        ChatConfig: {
            look?: unknown;
            offline_message: string | null;
            /** @description Somebody who may answer is available. */
            online: boolean;
            pre_chat_form?: unknown;
            team_name: string;
            welcome: string | null;
        };
        /** @description The conditions as they are written; which fields are allowed depends on the trigger. */
        Conditions: {
            case_sensitive?: boolean | null;
            channels?: components["schemas"]["ChannelType"][];
            days?: components["schemas"]["Day"][];
            exclude_channels?: components["schemas"]["ChannelType"][];
            /** @description `keyword`: required, one to 500. */
            keywords?: string[];
            /** @description One code or a list of codes. */
            language?: string[];
            match_mode?: components["schemas"]["MatchMode"] | null;
            /** @description `new_conversation`: true unless given. */
            only_first_message?: boolean | null;
            time_range?: components["schemas"]["TimeBounds"] | null;
            /** @description `time_based`: an IANA name; wins over `time_range.tz`. UTC unless given. */
            timezone?: string | null;
            whole_word?: boolean | null;
        };
        /** @description The contact as far as a list of conversations needs it. */
        ContactBrief: {
            email: string | null;
            id: components["schemas"]["ContactId"];
            name: string;
            phone: string | null;
        };
        /** Format: uuid */
        ContactId: string;
        ContactView: {
            account_id: components["schemas"]["AccountId"];
            /** Format: date-time */
            created_at: string;
            email: string | null;
            first_name: string | null;
            id: components["schemas"]["ContactId"];
            is_active: boolean;
            last_name: string | null;
            metadata: {
                [key: string]: unknown;
            };
            name: string;
            /** @description E.164. */
            phone: string | null;
            preferred_channel_type: components["schemas"]["ChannelType"] | null;
            preferred_language: string | null;
            /** @description Whatever the account keeps of its contacts; templates can use it. */
            properties: {
                [key: string]: unknown;
            };
            tags: string[];
            /** Format: date-time */
            updated_at: string;
        };
        /**
         * @description The main content of a message.
         * @enum {string}
         */
        ContentType: "text" | "image" | "video" | "audio" | "file" | "location" | "sticker" | "contact_card" | "event";
        /** @description Who the caller is, as services behind the old gateway expected it. */
        ContextView: {
            /** @description Comma-separated. */
            account_ids: string;
            message: string;
            /** @description Comma-separated. */
            role_ids: string;
            user_id: string;
        };
        /** @description A line of the thread: the conversation got another status, another agent or a rating, and by whom. */
        ConversationActivity: {
            account_id: components["schemas"]["AccountId"];
            assignee: components["schemas"]["AgentBrief"] | null;
            by: components["schemas"]["Actor"] | null;
            /** @description Names of the fields that changed. */
            changed: string[];
            conversation_id: components["schemas"]["ConversationId"];
            /** Format: int32 */
            csat_rating: number | null;
            status: components["schemas"]["ConversationStatus"];
            team_id: components["schemas"]["TeamId"] | null;
        };
        /** @description What to change in a conversation; what is absent stays, null clears. */
        ConversationChange: {
            assignee_id?: components["schemas"]["UserId"] | null;
            labels?: string[] | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
            priority?: components["schemas"]["Priority"] | null;
            status?: components["schemas"]["ConversationStatus"] | null;
            subject?: string | null;
            team_id?: components["schemas"]["TeamId"] | null;
        };
        /** Format: uuid */
        ConversationId: string;
        /**
         * @description Where a conversation stands.
         * @enum {string}
         */
        ConversationStatus: "open" | "bot" | "assigned" | "pending" | "resolved" | "closed";
        /** @description A conversation in a list: absolute values, valid as of `version`. */
        ConversationView: {
            account_id: components["schemas"]["AccountId"];
            assignee: components["schemas"]["AgentBrief"] | null;
            assignee_id: components["schemas"]["UserId"] | null;
            bot_state: components["schemas"]["BotState"];
            channel_id: components["schemas"]["ChannelId"];
            channel_type: components["schemas"]["ChannelType"];
            contact: components["schemas"]["ContactBrief"];
            contact_id: components["schemas"]["ContactId"];
            /** @description The sender's address on the channel: phone, chat id, visitor id. */
            contact_identifier: string;
            /** @description The same as `id`: every payload about a conversation carries this name. */
            conversation_id: components["schemas"]["ConversationId"];
            /** Format: date-time */
            created_at: string;
            csat_comment: string | null;
            /**
             * Format: int32
             * @description The customer's rating, 1 to 5.
             */
            csat_rating: number | null;
            /** Format: date-time */
            first_reply_at: string | null;
            /**
             * Format: int64
             * @description The last number of the thread's log.
             */
            head: number;
            id: components["schemas"]["ConversationId"];
            labels: string[];
            language: string | null;
            /** Format: date-time */
            last_message_at: string | null;
            last_message_preview: string | null;
            last_sender_type: components["schemas"]["SenderType"] | null;
            priority: components["schemas"]["Priority"];
            /**
             * Format: date-time
             * @description Since when it stands in the queue; null when it does not.
             */
            queued_at: string | null;
            /** Format: date-time */
            resolved_at: string | null;
            status: components["schemas"]["ConversationStatus"];
            subject: string | null;
            team_id: components["schemas"]["TeamId"] | null;
            /**
             * Format: int32
             * @description Customer messages since the last public answer of an agent or the assignee's last look.
             */
            unread_count: number;
            /** Format: date-time */
            updated_at: string;
            /**
             * Format: int64
             * @description Rises with every change; a smaller one is older news.
             */
            version: number;
            /**
             * Format: date-time
             * @description Since when the customer waits for a person's answer.
             */
            waiting_since: string | null;
        };
        /**
         * @description How the recipients of a group message stand. `total` is always the sum of pending, sent, delivered,
         *     failed and cancelled; those that may have been sent are among the pending ones.
         */
        Counts: {
            /** Format: int32 */
            cancelled_count: number;
            /** Format: int32 */
            delivered_count: number;
            /** Format: int32 */
            failed_count: number;
            /** Format: int32 */
            pending_count: number;
            /** Format: int32 */
            sent_count: number;
            /** Format: int32 */
            skipped_count: number;
            /** Format: int32 */
            total_recipients: number;
            /** Format: int32 */
            unknown_count: number;
        };
        /** @enum {string} */
        Day: "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";
        /**
         * Format: uuid
         * @description One routing decision with its reasons.
         */
        DecisionId: string;
        /** @description Why routing did what it did. */
        DecisionView: {
            /** Format: uuid */
            assignee_id: string | null;
            /** @description Each agent looked at, and why refused. */
            candidates: unknown;
            conversation_id: components["schemas"]["ConversationId"];
            /** Format: date-time */
            created_at: string;
            id: components["schemas"]["DecisionId"];
            /** @description `assigned`, `waiting`, `rule`, `hand_off`. */
            outcome: string;
            reason: string;
            /** Format: uuid */
            rule_id: string | null;
        };
        /** @description Why a message was not delivered. */
        DeliveryError: {
            /** @description Our class: `rejected`, `throttled`, `unavailable`, `settings`, `gone`, `unknown`, `too_old`. */
            class: string;
            /** @description The provider's code, or our own. */
            code: string;
            message: string;
        };
        /** @enum {string} */
        Direction: "inbound" | "outbound" | "system";
        /** @description A message that nobody wrote, to see what the bot would do. */
        DryRun: {
            /**
             * Format: date-time
             * @description The time of the message; now unless given.
             */
            at?: string | null;
            bot_state?: components["schemas"]["BotState"] | null;
            channel_type: components["schemas"]["ChannelType"];
            /** @description True unless given. */
            first_message?: boolean | null;
            /** @description Instead of what would be detected. */
            language?: string | null;
            reopened?: boolean;
            replaces?: components["schemas"]["BotRuleId"] | null;
            rule?: components["schemas"]["NewBotRule"] | null;
            status?: components["schemas"]["ConversationStatus"] | null;
            text: string;
        };
        /** @description What the bot would do. */
        DryRunResult: {
            actions: components["schemas"]["Actions"] | null;
            language: string | null;
            /** @description `matched`, `no_match` or `silent`. */
            outcome: string;
            /** @description Why the bot would be silent. */
            reason: string | null;
            rule_id: components["schemas"]["BotRuleId"] | null;
            rule_name: string | null;
            /** @description Rules in the order in which they were tried, each with why it does not hold. */
            tried: components["schemas"]["TriedRule"][];
        };
        /**
         * @description What went wrong, for programs. REST and the socket use the same list.
         * @enum {string}
         */
        ErrorCode: "bad_request" | "account_required" | "unauthorized" | "forbidden" | "not_found" | "conflict" | "too_large" | "bad_range" | "validation_error" | "too_many_threads" | "rate_limited" | "internal_error" | "service_unavailable";
        Estimate: {
            /**
             * Format: int64
             * @description Members of all groups and segments; who is in several counts once for each.
             */
            audience: number;
            /**
             * Format: int64
             * @description Messages or segments on the bill.
             */
            billed_units: number;
            /** @description `per_segment`, `per_message` or `free`. */
            cost_class: string;
            /** @description A message as the first of the sample would get it. */
            example: string | null;
            /**
             * Format: date-time
             * @description If it began now; null without a rate.
             */
            finishes_at: string | null;
            /**
             * Format: int32
             * @description Messages a minute at which it would go; null: as fast as the machine can.
             */
            rate_per_minute: number | null;
            /**
             * Format: int64
             * @description Messages that would be sent: the audience times the share of the sample that can be reached.
             */
            recipients: number;
            /**
             * Format: int64
             * @description Looked at one by one; the shares are theirs.
             */
            sample: number;
            /**
             * Format: double
             * @description SMS segments of one message, on average; 1 where segments mean nothing.
             */
            segments_per_message: number;
            /**
             * @description Why those of the sample that get nothing do not: `no_address`, `suppressed`, `inactive`, `duplicate`,
             *     `missing values`.
             */
            skipped: {
                [key: string]: unknown;
            };
            /** @description Some of them. */
            skipped_examples: components["schemas"]["SkippedExample"][];
            variables: components["schemas"]["VariableShare"][];
        };
        /** @description One request to the provider, and its answer. */
        ExchangeView: {
            method: string;
            /** @description The beginning of the request's body; a body that is no text is only counted. */
            request: string;
            response: string;
            /**
             * Format: int32
             * @description `null`: no answer.
             */
            status: number | null;
            /** Format: int64 */
            took_ms: number;
            url: string;
        };
        /** @description What a refused or failed request is answered with. */
        Failure: {
            /** @description For programs: `errors` with refused fields, and so on. */
            details: {
                [key: string]: unknown;
            };
            error: components["schemas"]["ErrorCode"];
            /** @description For people. */
            message: string;
            /** @description To be named when asking for help. */
            request_id: string;
            /** @example false */
            success: boolean;
        };
        /**
         * @description What becomes of a variable that no source has a value for and that has no inline default.
         * @enum {string}
         */
        FallbackStrategy: "keep_placeholder" | "use_default" | "skip_contact";
        /** @description Members to put in or take out. */
        GroupContacts: {
            /** @description At most 10,000. */
            contact_ids: components["schemas"]["ContactId"][];
        };
        /**
         * Format: uuid
         * @description A set of people that messages go to.
         */
        GroupId: string;
        /** Format: uuid */
        GroupMessageId: string;
        /** @enum {string} */
        GroupMessageStatus: "draft" | "queued" | "processing" | "paused" | "completed" | "partially_failed" | "failed" | "cancelled";
        GroupMessageView: components["schemas"]["Counts"] & {
            account_id: components["schemas"]["AccountId"];
            /**
             * Format: int32
             * @description More failures than this among them stop the rest.
             */
            canary_max_failure_percent: number;
            /**
             * Format: int32
             * @description The share that goes first.
             */
            canary_percent: number | null;
            /** @description `waiting`, `passed` or `stopped`; null: there is none. */
            canary_state: string | null;
            channel_id: components["schemas"]["ChannelId"] | null;
            /** Format: date-time */
            completed_at: string | null;
            contact_group_ids: components["schemas"]["GroupId"][];
            /** Format: date-time */
            created_at: string;
            created_by_user_id: components["schemas"]["UserId"] | null;
            custom_values: {
                [key: string]: unknown;
            };
            /**
             * Format: int32
             * @description Members of several groups, and contacts that share an address: they get one message.
             */
            duplicate_count: number;
            error: string | null;
            exclude_contact_ids: components["schemas"]["ContactId"][];
            /**
             * Format: date-time
             * @description When the audience was complete; before, `total_recipients` still grows.
             */
            frozen_at: string | null;
            id: components["schemas"]["GroupMessageId"];
            metadata: {
                [key: string]: unknown;
            };
            name: string | null;
            pause_reason: string | null;
            /**
             * Format: int32
             * @description Messages a minute; null: as fast as the channels allow.
             */
            rate_per_minute: number | null;
            schedule_id: components["schemas"]["ScheduleId"] | null;
            /** Format: date-time */
            scheduled_at: string | null;
            segment_ids: components["schemas"]["SegmentId"][];
            /** Format: date-time */
            started_at: string | null;
            status: components["schemas"]["GroupMessageStatus"];
            template_id: components["schemas"]["TemplateId"] | null;
            /** Format: date-time */
            updated_at: string;
            /** Format: int64 */
            version: number;
        };
        GroupPersons: {
            /** @description At most 10,000. */
            person_ids: components["schemas"]["PersonId"][];
        };
        GroupView: {
            account_id: components["schemas"]["AccountId"];
            /** Format: int32 */
            contact_count: number;
            /** Format: date-time */
            created_at: string;
            description: string | null;
            id: components["schemas"]["GroupId"];
            /**
             * Format: int32
             * @description Contacts and persons together.
             */
            member_count: number;
            metadata: {
                [key: string]: unknown;
            };
            name: string;
            /** Format: int32 */
            person_count: number;
            /** Format: date-time */
            updated_at: string;
        };
        /**
         * Format: uuid
         * @description One address of a contact on one channel type.
         */
        IdentifierId: string;
        /**
         * @description What an address of a channel looks like.
         * @enum {string}
         */
        IdentifierKind: "phone" | "email" | "opaque";
        IdentifierView: {
            account_id: components["schemas"]["AccountId"];
            channel_type: components["schemas"]["ChannelType"];
            contact_id: components["schemas"]["ContactId"];
            /** Format: date-time */
            created_at: string;
            display_name: string | null;
            id: components["schemas"]["IdentifierId"];
            /** @description Phone number, chat id, e-mail address, visitor id. */
            identifier: string;
            metadata: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            updated_at: string;
        };
        /**
         * @description What a page may pass: an id with its HMAC-SHA256 in hexadecimal, or a JWT (HS256), both under the
         *     channel's identity secret.
         */
        Identity: {
            /** @default null */
            hash?: string | null;
            /**
             * @description The page's own id of its user.
             * @default null
             */
            id?: string | null;
            /**
             * @description Claims: `sub` (the id), `exp`, and optionally `name`, `email`, `phone`.
             * @default null
             */
            jwt?: string | null;
        };
        /** Format: uuid */
        ImportId: string;
        /** @description The beginning of a file. */
        ImportPreview: {
            columns: string[];
            /** @description What the columns' titles say. */
            mapping: {
                [key: string]: unknown;
            };
            /** @description The first rows, at most five. */
            rows: string[][];
        };
        ImportPreviewRequest: {
            account_id?: components["schemas"]["AccountId"] | null;
            upload_id: components["schemas"]["UploadId"];
        };
        ImportView: {
            account_id: components["schemas"]["AccountId"];
            /** Format: date-time */
            completed_at: string | null;
            /** Format: date-time */
            created_at: string;
            created_by_user_id: components["schemas"]["UserId"] | null;
            /** Format: int32 */
            created_count: number;
            default_country_code: string | null;
            /** Format: int64 */
            done_bytes: number;
            error: string | null;
            /** Format: int32 */
            error_count: number;
            filename: string;
            group_id: components["schemas"]["GroupId"] | null;
            id: components["schemas"]["ImportId"];
            /** @description Everything is looked at and nothing is written. */
            is_dry_run: boolean;
            /** @description Column of the file → field of the contact. */
            mapping: {
                [key: string]: unknown;
            };
            on_duplicate: components["schemas"]["OnDuplicate"];
            /** Format: int32 */
            row_count: number;
            /** Format: int32 */
            skipped_count: number;
            /** Format: date-time */
            started_at: string | null;
            /** @description `queued`, `processing`, `completed`, `failed` or `cancelled`. */
            status: string;
            tags: string[];
            /** Format: int64 */
            total_bytes: number;
            /** Format: date-time */
            updated_at: string;
            /** Format: int32 */
            updated_count: number;
            upload_id: components["schemas"]["UploadId"];
        };
        /** Format: uuid */
        LabelId: string;
        LabelView: {
            account_id: components["schemas"]["AccountId"];
            /** @description `#RRGGBB`. */
            color: string;
            /** Format: date-time */
            created_at: string;
            id: components["schemas"]["LabelId"];
            name: string;
            /** Format: date-time */
            updated_at: string;
        };
        /**
         * @description Why a channel does not carry a file.
         * @enum {string}
         */
        LinkReason: "channel" | "kind" | "type" | "size";
        /** @description A live socket at this node. */
        LiveConnection: {
            /**
             * Format: int64
             * @description Entries that it has yet to get.
             */
            behind: number;
            /** Format: date-time */
            connected_at: string | null;
            /**
             * Format: int64
             * @description Entries of logs that were written to it.
             */
            delivered: number;
            /** Format: uuid */
            id: string;
            /** @description The agent's name; null for a visitor. */
            name: string | null;
            /** @description `agents` or `customers`. */
            namespace: string;
            /**
             * Format: uuid
             * @description The user's or the visitor's id.
             */
            person_id: string;
            /** @description Conversations that it reads. */
            threads: number;
            /** @description `websocket` or `polling`. */
            transport: string;
        };
        Login: {
            email: string;
            password: string;
        };
        /** @description A page of a list, status 200. */
        Many_AccountView: {
            data: {
                /** Format: date-time */
                created_at: string;
                description: string | null;
                /** Format: uuid */
                id: string;
                is_active: boolean;
                languages: string[];
                metadata: {
                    [key: string]: unknown;
                };
                name: string;
                /** Format: uuid */
                parent_account_id: string | null;
                settings: {
                    [key: string]: unknown;
                };
                slug: string;
                status: components["schemas"]["AccountStatus"];
                timezone: string;
                /** Format: date-time */
                updated_at: string;
                visibility: components["schemas"]["Visibility"];
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_ActivityView: {
            data: (components["schemas"]["ConversationActivity"] & {
                /** Format: date-time */
                at: string;
                /**
                 * Format: int64
                 * @description Its number in the thread.
                 */
                seq: number;
            })[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_ApiKeyView: {
            data: {
                /** Format: uuid */
                account_id: string;
                /** Format: date-time */
                created_at: string;
                /** Format: uuid */
                created_by: string | null;
                /** Format: date-time */
                expires_at: string | null;
                /** Format: uuid */
                id: string;
                /** Format: date-time */
                last_used_at: string | null;
                name: string;
                permissions: string[];
                /** @description Its first characters, to recognise it by. */
                prefix: string;
                /** Format: date-time */
                revoked_at: string | null;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_AssignmentView: {
            data: {
                /** Format: uuid */
                assigned_by: string | null;
                assigned_by_type: string;
                /** Format: uuid */
                assignee_id: string | null;
                conversation_id: components["schemas"]["ConversationId"];
                /** Format: date-time */
                created_at: string;
                id: components["schemas"]["AssignmentId"];
                note: string | null;
                /** Format: uuid */
                previous_assignee_id: string | null;
                reason: string;
                /** Format: uuid */
                rule_id: string | null;
                strategy: string | null;
                /** Format: uuid */
                team_id: string | null;
                /** Format: date-time */
                unassigned_at: string | null;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_AttemptView: {
            data: {
                /**
                 * Format: date-time
                 * @description `null` while it goes on, or when the hub was stopped in the middle of it.
                 */
                ended_at: string | null;
                error: components["schemas"]["DeliveryError"] | null;
                /** @description The requests of this attempt, in order. */
                exchanges: components["schemas"]["ExchangeView"][];
                /** Format: uuid */
                id: string;
                /**
                 * Format: int32
                 * @description From 1; a retry by hand begins again.
                 */
                number: number;
                /**
                 * @description `accepted`, `refused`, `throttled`, `unavailable`, `given_up`, `unknown`, `not_sent` or `lost`; with `late_`
                 *     before it where another attempt had begun meanwhile.
                 */
                outcome: string | null;
                /** @description The provider's ids of the parts that it took in this attempt. */
                provider_message_ids: string[];
                /** Format: date-time */
                started_at: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_BotRuleView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                actions: components["schemas"]["Actions"];
                /** @description By the trigger, see `model::bot::Conditions`. */
                conditions: components["schemas"]["Conditions"];
                /** Format: date-time */
                created_at: string;
                description: string | null;
                id: components["schemas"]["BotRuleId"];
                is_active: boolean;
                metadata: {
                    [key: string]: unknown;
                };
                name: string;
                /**
                 * Format: int32
                 * @description Lower is tried first.
                 */
                priority: number;
                trigger_type: components["schemas"]["TriggerType"];
                /** Format: date-time */
                updated_at: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_CannedHit: {
            data: {
                category: string | null;
                /** @description With the variables filled in. */
                content: string;
                id: components["schemas"]["CannedResponseId"];
                short_code: string;
                title: string;
                /** @description Variables that have no value here and stay in the text. */
                unresolved: string[];
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_CannedResponseView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                category: string | null;
                /** @description May hold variables, see templates. */
                content: string;
                /** Format: date-time */
                created_at: string;
                created_by: components["schemas"]["UserId"] | null;
                id: components["schemas"]["CannedResponseId"];
                metadata: {
                    [key: string]: unknown;
                };
                /** @description With its leading slash. */
                short_code: string;
                title: string;
                /** Format: date-time */
                updated_at: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_ChannelView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                channel_type: components["schemas"]["ChannelType"];
                /** Format: date-time */
                created_at: string;
                /** @description Masked: a masked value that is sent back changes nothing. */
                credentials: unknown;
                default_country_code: string | null;
                error_message: string | null;
                id: components["schemas"]["ChannelId"];
                is_enabled: boolean;
                /** Format: date-time */
                last_verified_at: string | null;
                name: string;
                /** Format: int32 */
                priority: number;
                provider: string;
                /**
                 * Format: int32
                 * @description Messages a minute; null: as many as the provider takes.
                 */
                rate_limit: number | null;
                /**
                 * Format: date-time
                 * @description What was sent since then has no receipts, though the provider used to give them; null: it does, or never did.
                 */
                receipts_missing_since: string | null;
                /**
                 * Format: int32
                 * @description Null: the built-in ladder until the maximum age.
                 */
                retry_count: number | null;
                /**
                 * Format: int32
                 * @description Seconds.
                 */
                retry_interval: number | null;
                sender_name: string | null;
                /** @description Public settings; for web chat with `public_key`, the one identifier that a page needs. */
                settings: unknown;
                /**
                 * Format: int32
                 * @description Hours without a customer's message until the alarm; 0: never; null: by what is usual for the channel.
                 */
                silence_hours: number | null;
                /**
                 * Format: date-time
                 * @description The alarm: nothing has come in since then, and that is too long ago.
                 */
                silent_since: string | null;
                status: components["schemas"]["ChannelStatus"];
                /** Format: date-time */
                updated_at: string;
                /** @description Where the provider sends what it has for us. */
                webhook_url: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_ContactView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** Format: date-time */
                created_at: string;
                email: string | null;
                first_name: string | null;
                id: components["schemas"]["ContactId"];
                is_active: boolean;
                last_name: string | null;
                metadata: {
                    [key: string]: unknown;
                };
                name: string;
                /** @description E.164. */
                phone: string | null;
                preferred_channel_type: components["schemas"]["ChannelType"] | null;
                preferred_language: string | null;
                /** @description Whatever the account keeps of its contacts; templates can use it. */
                properties: {
                    [key: string]: unknown;
                };
                tags: string[];
                /** Format: date-time */
                updated_at: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_ConversationView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                assignee: components["schemas"]["AgentBrief"] | null;
                assignee_id: components["schemas"]["UserId"] | null;
                bot_state: components["schemas"]["BotState"];
                channel_id: components["schemas"]["ChannelId"];
                channel_type: components["schemas"]["ChannelType"];
                contact: components["schemas"]["ContactBrief"];
                contact_id: components["schemas"]["ContactId"];
                /** @description The sender's address on the channel: phone, chat id, visitor id. */
                contact_identifier: string;
                /** @description The same as `id`: every payload about a conversation carries this name. */
                conversation_id: components["schemas"]["ConversationId"];
                /** Format: date-time */
                created_at: string;
                csat_comment: string | null;
                /**
                 * Format: int32
                 * @description The customer's rating, 1 to 5.
                 */
                csat_rating: number | null;
                /** Format: date-time */
                first_reply_at: string | null;
                /**
                 * Format: int64
                 * @description The last number of the thread's log.
                 */
                head: number;
                id: components["schemas"]["ConversationId"];
                labels: string[];
                language: string | null;
                /** Format: date-time */
                last_message_at: string | null;
                last_message_preview: string | null;
                last_sender_type: components["schemas"]["SenderType"] | null;
                priority: components["schemas"]["Priority"];
                /**
                 * Format: date-time
                 * @description Since when it stands in the queue; null when it does not.
                 */
                queued_at: string | null;
                /** Format: date-time */
                resolved_at: string | null;
                status: components["schemas"]["ConversationStatus"];
                subject: string | null;
                team_id: components["schemas"]["TeamId"] | null;
                /**
                 * Format: int32
                 * @description Customer messages since the last public answer of an agent or the assignee's last look.
                 */
                unread_count: number;
                /** Format: date-time */
                updated_at: string;
                /**
                 * Format: int64
                 * @description Rises with every change; a smaller one is older news.
                 */
                version: number;
                /**
                 * Format: date-time
                 * @description Since when the customer waits for a person's answer.
                 */
                waiting_since: string | null;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_DecisionView: {
            data: {
                /** Format: uuid */
                assignee_id: string | null;
                /** @description Each agent looked at, and why refused. */
                candidates: unknown;
                conversation_id: components["schemas"]["ConversationId"];
                /** Format: date-time */
                created_at: string;
                id: components["schemas"]["DecisionId"];
                /** @description `assigned`, `waiting`, `rule`, `hand_off`. */
                outcome: string;
                reason: string;
                /** Format: uuid */
                rule_id: string | null;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_GroupMessageView: {
            data: (components["schemas"]["Counts"] & {
                account_id: components["schemas"]["AccountId"];
                /**
                 * Format: int32
                 * @description More failures than this among them stop the rest.
                 */
                canary_max_failure_percent: number;
                /**
                 * Format: int32
                 * @description The share that goes first.
                 */
                canary_percent: number | null;
                /** @description `waiting`, `passed` or `stopped`; null: there is none. */
                canary_state: string | null;
                channel_id: components["schemas"]["ChannelId"] | null;
                /** Format: date-time */
                completed_at: string | null;
                contact_group_ids: components["schemas"]["GroupId"][];
                /** Format: date-time */
                created_at: string;
                created_by_user_id: components["schemas"]["UserId"] | null;
                custom_values: {
                    [key: string]: unknown;
                };
                /**
                 * Format: int32
                 * @description Members of several groups, and contacts that share an address: they get one message.
                 */
                duplicate_count: number;
                error: string | null;
                exclude_contact_ids: components["schemas"]["ContactId"][];
                /**
                 * Format: date-time
                 * @description When the audience was complete; before, `total_recipients` still grows.
                 */
                frozen_at: string | null;
                id: components["schemas"]["GroupMessageId"];
                metadata: {
                    [key: string]: unknown;
                };
                name: string | null;
                pause_reason: string | null;
                /**
                 * Format: int32
                 * @description Messages a minute; null: as fast as the channels allow.
                 */
                rate_per_minute: number | null;
                schedule_id: components["schemas"]["ScheduleId"] | null;
                /** Format: date-time */
                scheduled_at: string | null;
                segment_ids: components["schemas"]["SegmentId"][];
                /** Format: date-time */
                started_at: string | null;
                status: components["schemas"]["GroupMessageStatus"];
                template_id: components["schemas"]["TemplateId"] | null;
                /** Format: date-time */
                updated_at: string;
                /** Format: int64 */
                version: number;
            })[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_GroupView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** Format: int32 */
                contact_count: number;
                /** Format: date-time */
                created_at: string;
                description: string | null;
                id: components["schemas"]["GroupId"];
                /**
                 * Format: int32
                 * @description Contacts and persons together.
                 */
                member_count: number;
                metadata: {
                    [key: string]: unknown;
                };
                name: string;
                /** Format: int32 */
                person_count: number;
                /** Format: date-time */
                updated_at: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_IdentifierView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                channel_type: components["schemas"]["ChannelType"];
                contact_id: components["schemas"]["ContactId"];
                /** Format: date-time */
                created_at: string;
                display_name: string | null;
                id: components["schemas"]["IdentifierId"];
                /** @description Phone number, chat id, e-mail address, visitor id. */
                identifier: string;
                metadata: {
                    [key: string]: unknown;
                };
                /** Format: date-time */
                updated_at: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_ImportView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** Format: date-time */
                completed_at: string | null;
                /** Format: date-time */
                created_at: string;
                created_by_user_id: components["schemas"]["UserId"] | null;
                /** Format: int32 */
                created_count: number;
                default_country_code: string | null;
                /** Format: int64 */
                done_bytes: number;
                error: string | null;
                /** Format: int32 */
                error_count: number;
                filename: string;
                group_id: components["schemas"]["GroupId"] | null;
                id: components["schemas"]["ImportId"];
                /** @description Everything is looked at and nothing is written. */
                is_dry_run: boolean;
                /** @description Column of the file → field of the contact. */
                mapping: {
                    [key: string]: unknown;
                };
                on_duplicate: components["schemas"]["OnDuplicate"];
                /** Format: int32 */
                row_count: number;
                /** Format: int32 */
                skipped_count: number;
                /** Format: date-time */
                started_at: string | null;
                /** @description `queued`, `processing`, `completed`, `failed` or `cancelled`. */
                status: string;
                tags: string[];
                /** Format: int64 */
                total_bytes: number;
                /** Format: date-time */
                updated_at: string;
                /** Format: int32 */
                updated_count: number;
                upload_id: components["schemas"]["UploadId"];
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_LabelView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** @description `#RRGGBB`. */
                color: string;
                /** Format: date-time */
                created_at: string;
                id: components["schemas"]["LabelId"];
                name: string;
                /** Format: date-time */
                updated_at: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_LiveConnection: {
            data: {
                /**
                 * Format: int64
                 * @description Entries that it has yet to get.
                 */
                behind: number;
                /** Format: date-time */
                connected_at: string | null;
                /**
                 * Format: int64
                 * @description Entries of logs that were written to it.
                 */
                delivered: number;
                /** Format: uuid */
                id: string;
                /** @description The agent's name; null for a visitor. */
                name: string | null;
                /** @description `agents` or `customers`. */
                namespace: string;
                /**
                 * Format: uuid
                 * @description The user's or the visitor's id.
                 */
                person_id: string;
                /** @description Conversations that it reads. */
                threads: number;
                /** @description `websocket` or `polling`. */
                transport: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_MembershipView: {
            data: {
                /** Format: uuid */
                account_id: string;
                /** Format: date-time */
                created_at: string;
                email: string;
                family_name: string | null;
                given_name: string | null;
                /** Format: uuid */
                id: string;
                is_active: boolean;
                /** @description The role's name. */
                role: string;
                /** Format: uuid */
                role_id: string;
                /** Format: date-time */
                updated_at: string;
                /** Format: uuid */
                user_id: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_MergeView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** Format: date-time */
                created_at: string;
                id: components["schemas"]["MergeId"];
                /** @description The merged contact as it was. */
                merged: {
                    [key: string]: unknown;
                };
                merged_by_user_id: components["schemas"]["UserId"] | null;
                merged_id: components["schemas"]["ContactId"];
                survivor_id: components["schemas"]["ContactId"];
                /** Format: date-time */
                undo_until: string;
                /** Format: date-time */
                undone_at: string | null;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_MessageView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                attachments: components["schemas"]["Attachment"][];
                channel_id: components["schemas"]["ChannelId"] | null;
                /** Format: uuid */
                client_message_id: string | null;
                contact_id: components["schemas"]["ContactId"] | null;
                /** @description The same as `message_body`. */
                content: string;
                content_type: components["schemas"]["ContentType"];
                conversation_id: components["schemas"]["ConversationId"] | null;
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                delivered_at: string | null;
                delivery_address: string;
                direction: components["schemas"]["Direction"];
                error: components["schemas"]["DeliveryError"] | null;
                /** Format: date-time */
                failed_at: string | null;
                id: components["schemas"]["MessageId"];
                /** @description A note: agents only, never sent. */
                is_private: boolean;
                mentions: components["schemas"]["UserId"][];
                message_body: string;
                /** @description The same as `id`. */
                message_id: components["schemas"]["MessageId"];
                metadata: unknown;
                original_template: string | null;
                /** Format: date-time */
                read_at: string | null;
                reply_to: components["schemas"]["MessageId"] | null;
                /** Format: date-time */
                scheduled_at: string | null;
                /** @description The agent's picture. */
                sender_avatar_url: string | null;
                /**
                 * Format: uuid
                 * @description The agent's user id, the bot rule's id or the contact's id.
                 */
                sender_id: string | null;
                sender_name: string | null;
                sender_type: components["schemas"]["SenderType"];
                /** Format: date-time */
                sent_at: string | null;
                /**
                 * Format: int64
                 * @description Number in the thread's log under which it appeared.
                 */
                seq: number | null;
                status: components["schemas"]["MessageStatus"];
                template_id: components["schemas"]["TemplateId"] | null;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_OccurrenceView: {
            data: {
                /** Format: date-time */
                due_at: string;
                error: string | null;
                /** Format: date-time */
                fired_at: string;
                group_message_id: components["schemas"]["GroupMessageId"] | null;
                message_id: components["schemas"]["MessageId"] | null;
                /** @description `fired`, `missed`, `failed` or `cancelled`. */
                outcome: string;
                schedule_id: components["schemas"]["ScheduleId"];
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_Permission: {
            data: ("conversations.view" | "notes.view" | "conversations.reply" | "conversations.assign" | "conversations.manage" | "conversations.see_all" | "messages.view" | "messages.send" | "group_messages.send" | "schedules.manage" | "contacts.view" | "contacts.manage" | "templates.view" | "templates.manage" | "canned_responses.view" | "canned_responses.manage" | "channels.view" | "channels.manage" | "bot_rules.view" | "bot_rules.manage" | "teams.view" | "teams.manage" | "preferences.manage" | "users.view" | "users.manage" | "roles.manage" | "account.manage" | "api_keys.manage" | "analytics.view" | "audit.view" | "operations.manage")[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_PersonView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                contact_id: components["schemas"]["ContactId"] | null;
                /** Format: date-time */
                created_at: string;
                email: string | null;
                id: components["schemas"]["PersonId"];
                is_active: boolean;
                name: string;
                /** @description E.164. */
                phone: string | null;
                properties: {
                    [key: string]: unknown;
                };
                /** Format: date-time */
                updated_at: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_PreferenceView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                auto_accept: boolean;
                /** @description Empty: every channel. */
                available_channels: components["schemas"]["ChannelType"][];
                /** @description `{schedule: [{days, start, end}], timezone}`; null: always. */
                available_hours: {
                    [key: string]: unknown;
                } | null;
                /** @description Empty: every topic. */
                available_topics: string[];
                /** Format: date-time */
                created_at: string;
                id: components["schemas"]["PreferenceId"];
                /** @description The agent's own status is online. */
                is_available: boolean;
                /** @description Empty: every language. */
                languages: string[];
                /**
                 * Format: int32
                 * @description 1 to 50.
                 */
                max_concurrent_conversations: number;
                notification_preferences: {
                    [key: string]: unknown;
                };
                /** Format: date-time */
                updated_at: string;
                user_id: components["schemas"]["UserId"];
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_Profile: {
            data: {
                /**
                 * Format: int32
                 * @description Characters of a caption below a picture or a file; `None` = text goes as its own message.
                 */
                caption_limit: number | null;
                channel_type: components["schemas"]["ChannelType"];
                /** @description JSON Schema of the write-only `credentials`; secret fields carry `x-secret`. */
                credentials_schema: unknown;
                /**
                 * Format: int32
                 * @description Messages per minute when the channel sets no `rate_limit`; `None` = unlimited.
                 */
                default_rate_per_minute: number | null;
                /** @description Messages leave through the dispatch engine. `false`: they are delivered by our own socket. */
                dispatched: boolean;
                /** @description What people call it: `Twilio`. */
                display_name: string;
                /** @description Credentials that pass the schema; invented ones, for forms and tests. */
                example_credentials: unknown;
                /** @description One sentence for the form: where its credentials are found. */
                help: string;
                /** @description What an address of this channel looks like. */
                identifier: components["schemas"]["IdentifierKind"];
                /**
                 * Format: int32
                 * @description Attachments that one message may carry; 0 = the channel takes none.
                 */
                max_attachments: number;
                media: components["schemas"]["MediaRule"][];
                media_delivery: components["schemas"]["MediaDelivery"];
                /** @description The provider's slug in lower case: `twilio`, `sandbox`, `default`. */
                provider: string;
                /** @description The provider answers STOP words by itself and then refuses to send. */
                provider_handles_opt_out: boolean;
                receipts: components["schemas"]["Receipts"];
                /** @description The adapter can register its webhook at the provider by itself. */
                registers_webhook: boolean;
                /**
                 * Format: int32
                 * @description Hours after the customer's last message in which free text may be sent; `None` = always.
                 */
                reply_window_hours: number | null;
                session: components["schemas"]["SessionNeed"];
                /** @description JSON Schema of the public `settings`. */
                settings_schema: unknown;
                text: components["schemas"]["TextLimit"];
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_RecipientView: {
            data: {
                address: string | null;
                /** Format: int32 */
                attempts: number;
                channel_id: components["schemas"]["ChannelId"] | null;
                contact_id: components["schemas"]["ContactId"] | null;
                /** Format: date-time */
                delivered_at: string | null;
                /** @description What the provider said. */
                error: string | null;
                group_message_id: components["schemas"]["GroupMessageId"];
                /** @description The message's id, once there is one. */
                id: components["schemas"]["MessageId"];
                name: string | null;
                person_id: components["schemas"]["PersonId"] | null;
                /** Format: date-time */
                read_at: string | null;
                /** @description Why it was skipped or failed. */
                reason: string | null;
                /** Format: date-time */
                sent_at: string | null;
                state: components["schemas"]["RecipientState"];
                /** Format: date-time */
                updated_at: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_RoleView: {
            data: {
                /** Format: uuid */
                account_id: string;
                /** Format: date-time */
                created_at: string;
                /** Format: uuid */
                id: string;
                is_built_in: boolean;
                name: string;
                /**
                 * @example [
                 *       "conversations.view",
                 *       "conversations.reply"
                 *     ]
                 */
                permissions: string[];
                /** Format: date-time */
                updated_at: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_ScheduleView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                cancel_on_reply: boolean;
                channel_id: components["schemas"]["ChannelId"] | null;
                contact_group_ids: components["schemas"]["GroupId"][];
                contact_id: components["schemas"]["ContactId"] | null;
                /** Format: date-time */
                created_at: string;
                created_by_user_id: components["schemas"]["UserId"] | null;
                custom_values: {
                    [key: string]: unknown;
                };
                delivery_address: string | null;
                /** @description Why the last firing failed. */
                error: string | null;
                exclude_contact_ids: components["schemas"]["ContactId"][];
                group_message_id: components["schemas"]["GroupMessageId"] | null;
                id: components["schemas"]["ScheduleId"];
                is_recurring: boolean;
                /** Format: date-time */
                last_triggered_at: string | null;
                /** Format: int32 */
                max_lateness_seconds: number;
                message_id: components["schemas"]["MessageId"] | null;
                metadata: {
                    [key: string]: unknown;
                };
                /** Format: int32 */
                missed_cap: number;
                missed_policy: components["schemas"]["MissedPolicy"];
                name: string | null;
                /** @description The next times at which it fires, at most five. */
                next_runs: string[];
                /** Format: date-time */
                next_trigger_at: string | null;
                /** Format: int32 */
                rate_per_minute: number | null;
                /** @description Each recipient gets it at that time of their own zone (`properties.timezone`). */
                recipient_timezone: boolean;
                /** Format: int32 */
                recurrence_count: number | null;
                /** Format: date-time */
                recurrence_end_at: string | null;
                recurrence_rule: string | null;
                /**
                 * Format: date-time
                 * @description The first time; repeats have its time of day.
                 */
                scheduled_at: string;
                segment_ids: components["schemas"]["SegmentId"][];
                send_type: components["schemas"]["SendType"];
                status: components["schemas"]["ScheduleStatus"];
                template_id: components["schemas"]["TemplateId"] | null;
                /** @description IANA name. */
                timezone: string;
                /** Format: int32 */
                trigger_count: number;
                /** Format: date-time */
                updated_at: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_SegmentView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** Format: date-time */
                created_at: string;
                description: string | null;
                /** @description Conditions as the list of contacts takes them; all must hold. */
                filters: string[];
                id: components["schemas"]["SegmentId"];
                name: string;
                /** Format: date-time */
                updated_at: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_SessionView: {
            data: {
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                expires_at: string;
                /** Format: uuid */
                id: string;
                ip: string | null;
                /** @description The one that asks. */
                is_current: boolean;
                /** Format: date-time */
                last_used_at: string;
                user_agent: string | null;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_String: {
            data: string[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_SuppressionView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** @description E.164, an e-mail address in lower case, or the provider's own id. */
                address: string;
                channel_id: components["schemas"]["ChannelId"] | null;
                channel_type: components["schemas"]["ChannelType"];
                contact_id: components["schemas"]["ContactId"] | null;
                /** Format: date-time */
                created_at: string;
                created_by_user_id: components["schemas"]["UserId"] | null;
                id: components["schemas"]["SuppressionId"];
                /** @description What the customer wrote, or what the provider said. */
                note: string | null;
                reason: components["schemas"]["SuppressionReason"];
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_TeamMemberView: {
            data: {
                /** Format: date-time */
                created_at: string;
                email: string;
                name: string;
                role: components["schemas"]["TeamRole"];
                team_id: components["schemas"]["TeamId"];
                user_id: components["schemas"]["UserId"];
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_TeamView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** Format: date-time */
                created_at: string;
                description: string | null;
                id: components["schemas"]["TeamId"];
                is_active: boolean;
                lead_id: components["schemas"]["UserId"] | null;
                /** Format: int64 */
                member_count: number;
                metadata: {
                    [key: string]: unknown;
                };
                name: string;
                /** Format: date-time */
                updated_at: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_TemplateView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** @description `pending`, `approved` or `rejected`, set by the provider; null where there is no approval. */
                approval_status: string | null;
                attachments: components["schemas"]["Attachment"][];
                /** @description Text with `{VARIABLE}` or `{{ contact.name | default: "there" }}` in it. */
                body: string;
                category: string | null;
                channel_type: components["schemas"]["ChannelType"] | null;
                /** Format: date-time */
                created_at: string;
                created_by_user_id: components["schemas"]["UserId"] | null;
                /** @description Used under `use_default`. */
                default_values: {
                    [key: string]: unknown;
                };
                external_template_id: string | null;
                fallback_strategy: components["schemas"]["FallbackStrategy"];
                id: components["schemas"]["TemplateId"];
                is_active: boolean;
                language: string | null;
                name: string;
                /**
                 * @description How customers take it, as the provider rates it: `green`, `yellow`, `red` or `unknown`; null where it has not
                 *     told.
                 */
                quality: string | null;
                /** Format: date-time */
                updated_at: string;
                /** @description Found in the body; unique, in order. */
                variables: string[];
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_TimelineItem: {
            data: {
                /** Format: date-time */
                at: string;
                details: {
                    [key: string]: unknown;
                };
                /**
                 * Format: uuid
                 * @description The id of what it is about.
                 */
                id: string;
                /** @description `created`, `conversation`, `message`, `group`, `suppression`, `merge` or `schedule`. */
                kind: string;
                status: string | null;
                /** @description A name, a subject, the beginning of a text. */
                title: string | null;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /** @description A page of a list, status 200. */
        Many_UserView: {
            data: {
                /** @description Where their picture can be read. */
                avatar_url: string | null;
                /** Format: date-time */
                created_at: string;
                email: string;
                /** Format: date-time */
                email_verified_at: string | null;
                family_name: string | null;
                given_name: string | null;
                /** Format: uuid */
                id: string;
                is_active: boolean;
                /** Format: date-time */
                last_login_at: string | null;
                phone: string | null;
                /** Format: date-time */
                updated_at: string;
            }[];
            meta: components["schemas"]["Meta"];
            /** @example true */
            success: boolean;
        };
        /**
         * @description Whether one keyword is enough.
         * @enum {string}
         */
        MatchMode: "any" | "all";
        /** @description The caller, with their places in accounts. */
        Me: components["schemas"]["UserView"] & {
            accounts: components["schemas"]["MyAccount"][];
            name: string;
        };
        /**
         * @description How a file of ours reaches the provider.
         * @enum {string}
         */
        MediaDelivery: "none" | "url" | "mms" | "upload";
        /** @description One kind of media that a channel takes. */
        MediaRule: {
            kind: components["schemas"]["AttachmentKind"];
            /**
             * Format: int64
             * @description Bytes; 0 = no limit of its own.
             */
            max_bytes: number;
            /** @description Allowed types, `image/*` style; empty = any. */
            mime_types: string[];
        };
        /** @description What became of a change of members. */
        MembersMoved: {
            /**
             * Format: int64
             * @description Put in or taken out.
             */
            changed: number;
            /**
             * Format: int64
             * @description They were in, or out, already.
             */
            unchanged: number;
        };
        /** @description A user's place in an account. */
        MembershipView: {
            /** Format: uuid */
            account_id: string;
            /** Format: date-time */
            created_at: string;
            email: string;
            family_name: string | null;
            given_name: string | null;
            /** Format: uuid */
            id: string;
            is_active: boolean;
            /** @description The role's name. */
            role: string;
            /** Format: uuid */
            role_id: string;
            /** Format: date-time */
            updated_at: string;
            /** Format: uuid */
            user_id: string;
        };
        /** Format: uuid */
        MergeId: string;
        /** @description What a merge would do, or did. */
        MergePreview: {
            /** @description The survivor as it would be. */
            contact: components["schemas"]["ContactView"];
            /** Format: int64 */
            conversations: number;
            /** @description Fields that the survivor gets. */
            filled: string[];
            /** Format: int64 */
            groups: number;
            /** Format: int64 */
            identifiers: number;
            /** @description Fields in which the two differ and the survivor's value stays. */
            kept: string[];
            /** Format: int64 */
            messages: number;
        };
        /** @description Who is merged into the contact of the path. */
        MergeRequest: {
            /** @description It goes away; everything it has goes to the survivor. */
            merged_id: components["schemas"]["ContactId"];
        };
        MergeView: {
            account_id: components["schemas"]["AccountId"];
            /** Format: date-time */
            created_at: string;
            id: components["schemas"]["MergeId"];
            /** @description The merged contact as it was. */
            merged: {
                [key: string]: unknown;
            };
            merged_by_user_id: components["schemas"]["UserId"] | null;
            merged_id: components["schemas"]["ContactId"];
            survivor_id: components["schemas"]["ContactId"];
            /** Format: date-time */
            undo_until: string;
            /** Format: date-time */
            undone_at: string | null;
        };
        /** Format: uuid */
        MessageId: string;
        /**
         * @description Where a message stands. `read` is no status: it is the time `read_at`.
         * @enum {string}
         */
        MessageStatus: "scheduled" | "queued" | "sending" | "sent" | "delivered" | "failed" | "permanently_failed" | "unknown" | "cancelled";
        /** @description A message as agents see it. */
        MessageView: {
            account_id: components["schemas"]["AccountId"];
            attachments: components["schemas"]["Attachment"][];
            channel_id: components["schemas"]["ChannelId"] | null;
            /** Format: uuid */
            client_message_id: string | null;
            contact_id: components["schemas"]["ContactId"] | null;
            /** @description The same as `message_body`. */
            content: string;
            content_type: components["schemas"]["ContentType"];
            conversation_id: components["schemas"]["ConversationId"] | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            delivered_at: string | null;
            delivery_address: string;
            direction: components["schemas"]["Direction"];
            error: components["schemas"]["DeliveryError"] | null;
            /** Format: date-time */
            failed_at: string | null;
            id: components["schemas"]["MessageId"];
            /** @description A note: agents only, never sent. */
            is_private: boolean;
            mentions: components["schemas"]["UserId"][];
            message_body: string;
            /** @description The same as `id`. */
            message_id: components["schemas"]["MessageId"];
            metadata: unknown;
            original_template: string | null;
            /** Format: date-time */
            read_at: string | null;
            reply_to: components["schemas"]["MessageId"] | null;
            /** Format: date-time */
            scheduled_at: string | null;
            /** @description The agent's picture. */
            sender_avatar_url: string | null;
            /**
             * Format: uuid
             * @description The agent's user id, the bot rule's id or the contact's id.
             */
            sender_id: string | null;
            sender_name: string | null;
            sender_type: components["schemas"]["SenderType"];
            /** Format: date-time */
            sent_at: string | null;
            /**
             * Format: int64
             * @description Number in the thread's log under which it appeared.
             */
            seq: number | null;
            status: components["schemas"]["MessageStatus"];
            template_id: components["schemas"]["TemplateId"] | null;
        };
        /** @description What is said of a page. */
        Meta: {
            /** Format: int64 */
            limit: number;
            /** @description Goes on after the last row of this page; null at the end. */
            next_cursor: string | null;
            /** Format: int64 */
            skip: number;
            /**
             * Format: int64
             * @description Rows that match; exact up to 10,000.
             */
            total: number;
            /** @description There are more than `total`. */
            total_is_minimum?: boolean;
        };
        /**
         * @description What becomes of firings that were missed while no hub ran.
         * @enum {string}
         */
        MissedPolicy: "skip" | "one" | "all";
        /** @description One of the caller's places. */
        MyAccount: {
            /** Format: uuid */
            account_id: string;
            name: string;
            permissions: string[];
            role: string;
            /** Format: uuid */
            role_id: string;
            slug: string;
            team_ids: string[];
        };
        /** @description What a new account is made of. */
        NewAccount: {
            description?: string | null;
            languages?: string[] | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
            name: string;
            /**
             * Format: uuid
             * @description The account that this one is a department or a client of.
             */
            parent_account_id?: string | null;
            settings?: {
                [key: string]: unknown;
            } | null;
            /** @description In addresses; made from the name when absent. */
            slug?: string | null;
            /** @description A name of the IANA time zone database. */
            timezone?: string | null;
            visibility?: components["schemas"]["Visibility"] | null;
        };
        /** @description A key to be made. */
        NewApiKey: {
            /**
             * Format: date-time
             * @description When it ends; never when absent.
             */
            expires_at?: string | null;
            name: string;
            /**
             * @description What it may do; not more than you.
             * @example [
             *       "messages.send"
             *     ]
             */
            permissions: string[];
        };
        /** @description A key that was just made: the only time its secret is shown. */
        NewApiKeyView: components["schemas"]["ApiKeyView"] & {
            /** @description The secret, for `Authorization: Bearer`. */
            key: string;
        };
        NewBotRule: {
            account_id?: components["schemas"]["AccountId"] | null;
            actions?: components["schemas"]["Actions"];
            conditions?: components["schemas"]["Conditions"];
            description?: string | null;
            is_active?: boolean | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
            name: string;
            /**
             * Format: int32
             * @description 100 unless given.
             */
            priority?: number | null;
            trigger_type: components["schemas"]["TriggerType"];
        };
        NewCannedResponse: {
            account_id?: components["schemas"]["AccountId"] | null;
            category?: string | null;
            content: string;
            metadata?: {
                [key: string]: unknown;
            } | null;
            /**
             * @description With or without the leading slash.
             * @example /greeting
             */
            short_code: string;
            title: string;
        };
        /** @description A channel to make. The provider's slug is a known one. */
        NewChannel: {
            account_id?: components["schemas"]["AccountId"] | null;
            channel_type: components["schemas"]["ChannelType"];
            /** @description By the provider's schema, see `GET /v1/channel-providers`. */
            credentials?: unknown;
            default_country_code?: string | null;
            is_enabled?: boolean | null;
            name: string;
            /** Format: int32 */
            priority?: number | null;
            /** @description `twilio`, `telegram`, `sandbox` …; missing or `default`: the type's default. */
            provider?: string | null;
            /** Format: int32 */
            rate_limit?: number | null;
            /** Format: int32 */
            retry_count?: number | null;
            /** Format: int32 */
            retry_interval?: number | null;
            sender_name?: string | null;
            settings?: unknown;
            /**
             * Format: int32
             * @description Hours without a customer's message until the alarm; 0: never; null: by what is usual for the channel.
             */
            silence_hours?: number | null;
        };
        /** @description A contact to make; a name, a phone number or an e-mail address has to be known. */
        NewContact: {
            account_id?: components["schemas"]["AccountId"] | null;
            email?: string | null;
            first_name?: string | null;
            is_active?: boolean | null;
            last_name?: string | null;
            metadata?: {
                [key: string]: unknown;
            };
            name?: string | null;
            phone?: string | null;
            preferred_channel_type?: components["schemas"]["ChannelType"] | null;
            preferred_language?: string | null;
            properties?: {
                [key: string]: unknown;
            };
            tags?: string[];
        };
        /** @description A conversation that an agent starts. */
        NewConversation: {
            assignee_id?: components["schemas"]["UserId"] | null;
            channel_id: components["schemas"]["ChannelId"];
            contact_id: components["schemas"]["ContactId"];
            /** @description The address to write to; without it the contact's own address on this channel type. */
            contact_identifier?: string | null;
            labels?: string[];
            priority?: components["schemas"]["Priority"] | null;
            subject?: string | null;
            team_id?: components["schemas"]["TeamId"] | null;
        };
        NewGroup: {
            account_id?: components["schemas"]["AccountId"] | null;
            description?: string | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
            name: string;
        };
        /** @description A message to many. Exactly one of `template_id` and `message_body`; the latter becomes a template. */
        NewGroupMessage: {
            account_id?: components["schemas"]["AccountId"] | null;
            /**
             * Format: int32
             * @description 10 unless given.
             */
            canary_max_failure_percent?: number | null;
            /**
             * Format: int32
             * @description 1 to 50: this share goes first and has to be delivered before the rest follows.
             */
            canary_percent?: number | null;
            channel_id?: components["schemas"]["ChannelId"] | null;
            contact_group_ids?: components["schemas"]["GroupId"][];
            custom_values?: {
                [key: string]: unknown;
            };
            exclude_contact_ids?: components["schemas"]["ContactId"][];
            message_body?: string | null;
            metadata?: {
                [key: string]: unknown;
            };
            name?: string | null;
            /** Format: int32 */
            rate_per_minute?: number | null;
            /**
             * Format: date-time
             * @description Not begun earlier.
             */
            scheduled_at?: string | null;
            segment_ids?: components["schemas"]["SegmentId"][];
            status?: components["schemas"]["GroupMessageStatus"] | null;
            template_id?: components["schemas"]["TemplateId"] | null;
        };
        NewIdentifier: {
            channel_type: components["schemas"]["ChannelType"];
            contact_id: components["schemas"]["ContactId"];
            display_name?: string | null;
            identifier: string;
            metadata?: {
                [key: string]: unknown;
            } | null;
        };
        /** @description A file to read contacts from. */
        NewImport: {
            account_id?: components["schemas"]["AccountId"] | null;
            /** @description Like `+251`; for numbers written without a country. */
            default_country_code?: string | null;
            dry_run?: boolean;
            group_id?: components["schemas"]["GroupId"] | null;
            /**
             * @description Column → `name`, `phone`, `properties.city`, `identifier.telegram`, `ignore` …; absent: what the
             *     columns' titles say.
             */
            mapping?: {
                [key: string]: unknown;
            };
            on_duplicate?: components["schemas"]["OnDuplicate"] | null;
            /** @description Added to everybody in the file. */
            tags?: string[];
            /** @description A finished upload: CSV with a head, UTF-8; comma, semicolon or tab. */
            upload_id: components["schemas"]["UploadId"];
        };
        NewLabel: {
            account_id?: components["schemas"]["AccountId"] | null;
            /** @description `#RRGGBB`; a blue unless given. */
            color?: string | null;
            name: string;
        };
        /** @description A person to be made a user and a member. */
        NewMember: {
            email: string;
            family_name?: string | null;
            given_name?: string | null;
            /** @description 8 to 256 characters. */
            password: string;
            phone?: string | null;
            role?: components["schemas"]["BuiltInRole"] | null;
            /** Format: uuid */
            role_id?: string | null;
        };
        /** @description A member to be added. */
        NewMembership: {
            /** Format: uuid */
            role_id: string;
            /**
             * Format: uuid
             * @description A member of another account of yours.
             */
            user_id: string;
        };
        NewPerson: {
            account_id?: components["schemas"]["AccountId"] | null;
            contact_id?: components["schemas"]["ContactId"] | null;
            email?: string | null;
            is_active?: boolean | null;
            name: string;
            phone?: string | null;
            properties?: {
                [key: string]: unknown;
            } | null;
        };
        NewPreference: components["schemas"]["PreferenceChange"] & {
            account_id?: components["schemas"]["AccountId"] | null;
            user_id?: components["schemas"]["UserId"] | null;
        };
        /** @description An answer or a note. */
        NewReply: {
            attachments?: components["schemas"]["AttachmentInput"][];
            canned_response_id?: components["schemas"]["CannedResponseId"] | null;
            /**
             * Format: uuid
             * @description Repeating one returns the first result.
             */
            client_message_id?: string | null;
            content?: string;
            content_type?: components["schemas"]["ContentType"] | null;
            /** @description A note: agents only, never sent. */
            is_private?: boolean;
            /** @description A file by its address, as one attachment. */
            media_url?: string | null;
            mentions?: components["schemas"]["UserId"][];
            metadata?: {
                [key: string]: unknown;
            } | null;
            reply_to?: components["schemas"]["MessageId"] | null;
            /**
             * Format: date-time
             * @description Not before then.
             */
            send_at?: string | null;
        };
        /** @description A role to be made. */
        NewRole: {
            name: string;
            /**
             * @description A list of permissions, or an object of `can_*` booleans.
             * @example [
             *       "conversations.view",
             *       "conversations.reply"
             *     ]
             */
            permissions: string[];
        };
        /**
         * @description A message for later: to one address or contact, or to groups. Exactly one of `template_id` and
         *     `message_body`; the latter becomes a template.
         */
        NewSchedule: {
            account_id?: components["schemas"]["AccountId"] | null;
            cancel_on_reply?: boolean;
            channel_id?: components["schemas"]["ChannelId"] | null;
            contact_group_ids?: components["schemas"]["GroupId"][];
            contact_id?: components["schemas"]["ContactId"] | null;
            custom_values?: {
                [key: string]: unknown;
            };
            delivery_address?: string | null;
            exclude_contact_ids?: components["schemas"]["ContactId"][];
            is_recurring?: boolean | null;
            /**
             * Format: int32
             * @description An hour unless given.
             */
            max_lateness_seconds?: number | null;
            message_body?: string | null;
            metadata?: {
                [key: string]: unknown;
            };
            /** Format: int32 */
            missed_cap?: number | null;
            missed_policy?: components["schemas"]["MissedPolicy"] | null;
            name?: string | null;
            /** Format: int32 */
            rate_per_minute?: number | null;
            recipient_timezone?: boolean;
            /** Format: int32 */
            recurrence_count?: number | null;
            /** Format: date-time */
            recurrence_end_at?: string | null;
            /** @description `daily`, `weekly:mon,wed`, `monthly:1,15`, or a rule of RFC 5545. */
            recurrence_rule?: string | null;
            /** Format: date-time */
            scheduled_at: string;
            segment_ids?: components["schemas"]["SegmentId"][];
            send_type: components["schemas"]["SendType"];
            template_id?: components["schemas"]["TemplateId"] | null;
            /** @description `UTC` unless given. */
            timezone?: string | null;
        };
        NewSegment: {
            account_id?: components["schemas"]["AccountId"] | null;
            description?: string | null;
            filters: string[];
            name: string;
        };
        /** @description What a browser says when it opens the chat. */
        NewSession: {
            attributes?: unknown;
            /** @default null */
            email?: string | null;
            /** @default null */
            identity?: components["schemas"]["Identity"] | null;
            /** @default null */
            locale?: string | null;
            /** @default null */
            name?: string | null;
            /** @default null */
            page?: components["schemas"]["PageView"] | null;
            /** @default null */
            phone?: string | null;
            /** @default null */
            visitor_id?: components["schemas"]["VisitorId"] | null;
            /** @default null */
            visitor_secret?: string | null;
        };
        /** @description A message to one address. */
        NewSingle: {
            attachments?: components["schemas"]["AttachmentInput"][];
            channel_id: components["schemas"]["ChannelId"];
            /**
             * Format: uuid
             * @description Repeating one returns the first result.
             */
            client_message_id?: string | null;
            contact_id?: components["schemas"]["ContactId"] | null;
            custom_values?: {
                [key: string]: unknown;
            };
            delivery_address?: string | null;
            message_body?: string | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
            /** Format: date-time */
            scheduled_at?: string | null;
            template_id?: components["schemas"]["TemplateId"] | null;
        };
        /** @description A step along the table of transitions. */
        NewStatus: {
            note?: string | null;
            status: components["schemas"]["ConversationStatus"];
        };
        /** @description An address to leave out. */
        NewSuppression: {
            account_id?: components["schemas"]["AccountId"] | null;
            address: string;
            channel_id?: components["schemas"]["ChannelId"] | null;
            channel_type: components["schemas"]["ChannelType"];
            note?: string | null;
            reason?: components["schemas"]["SuppressionReason"] | null;
        };
        NewTeam: {
            account_id?: components["schemas"]["AccountId"] | null;
            description?: string | null;
            is_active?: boolean | null;
            lead_id?: components["schemas"]["UserId"] | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
            name: string;
        };
        NewTeamMember: {
            role?: components["schemas"]["TeamRole"] | null;
            user_id: components["schemas"]["UserId"];
        };
        NewTemplate: {
            account_id?: components["schemas"]["AccountId"] | null;
            attachments?: components["schemas"]["Attachment"][];
            body: string;
            category?: string | null;
            channel_type?: components["schemas"]["ChannelType"] | null;
            default_values?: {
                [key: string]: unknown;
            } | null;
            fallback_strategy?: components["schemas"]["FallbackStrategy"] | null;
            is_active?: boolean | null;
            language?: string | null;
            name: string;
        };
        /** @description What is going to be sent. */
        NewUpload: {
            account_id?: components["schemas"]["AccountId"] | null;
            /** @example invoice.pdf */
            filename: string;
            /** @example application/pdf */
            mime_type: string;
            /**
             * Format: int64
             * @description Bytes.
             */
            size: number;
        };
        /** @description One firing of a schedule. */
        OccurrenceView: {
            /** Format: date-time */
            due_at: string;
            error: string | null;
            /** Format: date-time */
            fired_at: string;
            group_message_id: components["schemas"]["GroupMessageId"] | null;
            message_id: components["schemas"]["MessageId"] | null;
            /** @description `fired`, `missed`, `failed` or `cancelled`. */
            outcome: string;
            schedule_id: components["schemas"]["ScheduleId"];
        };
        /**
         * @description What becomes of a row whose contact is there already.
         * @enum {string}
         */
        OnDuplicate: "update" | "skip" | "error";
        /** @description One entity, status 200. */
        One_AccountView: {
            /** @description An account, as its members see it. */
            data: {
                /** Format: date-time */
                created_at: string;
                description: string | null;
                /** Format: uuid */
                id: string;
                is_active: boolean;
                languages: string[];
                metadata: {
                    [key: string]: unknown;
                };
                name: string;
                /** Format: uuid */
                parent_account_id: string | null;
                settings: {
                    [key: string]: unknown;
                };
                slug: string;
                status: components["schemas"]["AccountStatus"];
                timezone: string;
                /** Format: date-time */
                updated_at: string;
                visibility: components["schemas"]["Visibility"];
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_ApiKeyView: {
            /** @description An API key, without its secret. */
            data: {
                /** Format: uuid */
                account_id: string;
                /** Format: date-time */
                created_at: string;
                /** Format: uuid */
                created_by: string | null;
                /** Format: date-time */
                expires_at: string | null;
                /** Format: uuid */
                id: string;
                /** Format: date-time */
                last_used_at: string | null;
                name: string;
                permissions: string[];
                /** @description Its first characters, to recognise it by. */
                prefix: string;
                /** Format: date-time */
                revoked_at: string | null;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_BotRuleView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                actions: components["schemas"]["Actions"];
                /** @description By the trigger, see `model::bot::Conditions`. */
                conditions: components["schemas"]["Conditions"];
                /** Format: date-time */
                created_at: string;
                description: string | null;
                id: components["schemas"]["BotRuleId"];
                is_active: boolean;
                metadata: {
                    [key: string]: unknown;
                };
                name: string;
                /**
                 * Format: int32
                 * @description Lower is tried first.
                 */
                priority: number;
                trigger_type: components["schemas"]["TriggerType"];
                /** Format: date-time */
                updated_at: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_BulkDone: {
            data: {
                failed: number;
                items: components["schemas"]["BulkItem"][];
                succeeded: number;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_CannedResponseView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                category: string | null;
                /** @description May hold variables, see templates. */
                content: string;
                /** Format: date-time */
                created_at: string;
                created_by: components["schemas"]["UserId"] | null;
                id: components["schemas"]["CannedResponseId"];
                metadata: {
                    [key: string]: unknown;
                };
                /** @description With its leading slash. */
                short_code: string;
                title: string;
                /** Format: date-time */
                updated_at: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_ChannelHealth: {
            /** @description How a channel stands at its provider. */
            data: {
                /** @description What the provider said: balance, backlog, last error. */
                facts: {
                    [key: string]: unknown;
                };
                message: string | null;
                /**
                 * Format: date-time
                 * @description What was sent since then has no receipts, though the provider used to give them.
                 */
                receipts_missing_since: string | null;
                /**
                 * Format: date-time
                 * @description Nothing has come in since then, and that is too long ago.
                 */
                silent_since: string | null;
                /** @description `ok`, `degraded` or `down`; a channel that is silent for too long is not `ok`. */
                status: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_ChannelView: {
            /** @description A channel as its managers see it; secrets are masked. */
            data: {
                account_id: components["schemas"]["AccountId"];
                channel_type: components["schemas"]["ChannelType"];
                /** Format: date-time */
                created_at: string;
                /** @description Masked: a masked value that is sent back changes nothing. */
                credentials: unknown;
                default_country_code: string | null;
                error_message: string | null;
                id: components["schemas"]["ChannelId"];
                is_enabled: boolean;
                /** Format: date-time */
                last_verified_at: string | null;
                name: string;
                /** Format: int32 */
                priority: number;
                provider: string;
                /**
                 * Format: int32
                 * @description Messages a minute; null: as many as the provider takes.
                 */
                rate_limit: number | null;
                /**
                 * Format: date-time
                 * @description What was sent since then has no receipts, though the provider used to give them; null: it does, or never did.
                 */
                receipts_missing_since: string | null;
                /**
                 * Format: int32
                 * @description Null: the built-in ladder until the maximum age.
                 */
                retry_count: number | null;
                /**
                 * Format: int32
                 * @description Seconds.
                 */
                retry_interval: number | null;
                sender_name: string | null;
                /** @description Public settings; for web chat with `public_key`, the one identifier that a page needs. */
                settings: unknown;
                /**
                 * Format: int32
                 * @description Hours without a customer's message until the alarm; 0: never; null: by what is usual for the channel.
                 */
                silence_hours: number | null;
                /**
                 * Format: date-time
                 * @description The alarm: nothing has come in since then, and that is too long ago.
                 */
                silent_since: string | null;
                status: components["schemas"]["ChannelStatus"];
                /** Format: date-time */
                updated_at: string;
                /** @description Where the provider sends what it has for us. */
                webhook_url: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_ChatConfig: {
            /** @description What the widget shows before anybody is connected. */
            data: {
                look?: unknown;
                offline_message: string | null;
                /** @description Somebody who may answer is available. */
                online: boolean;
                pre_chat_form?: unknown;
                team_name: string;
                welcome: string | null;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_ContactView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** Format: date-time */
                created_at: string;
                email: string | null;
                first_name: string | null;
                id: components["schemas"]["ContactId"];
                is_active: boolean;
                last_name: string | null;
                metadata: {
                    [key: string]: unknown;
                };
                name: string;
                /** @description E.164. */
                phone: string | null;
                preferred_channel_type: components["schemas"]["ChannelType"] | null;
                preferred_language: string | null;
                /** @description Whatever the account keeps of its contacts; templates can use it. */
                properties: {
                    [key: string]: unknown;
                };
                tags: string[];
                /** Format: date-time */
                updated_at: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_ConversationView: {
            /** @description A conversation in a list: absolute values, valid as of `version`. */
            data: {
                account_id: components["schemas"]["AccountId"];
                assignee: components["schemas"]["AgentBrief"] | null;
                assignee_id: components["schemas"]["UserId"] | null;
                bot_state: components["schemas"]["BotState"];
                channel_id: components["schemas"]["ChannelId"];
                channel_type: components["schemas"]["ChannelType"];
                contact: components["schemas"]["ContactBrief"];
                contact_id: components["schemas"]["ContactId"];
                /** @description The sender's address on the channel: phone, chat id, visitor id. */
                contact_identifier: string;
                /** @description The same as `id`: every payload about a conversation carries this name. */
                conversation_id: components["schemas"]["ConversationId"];
                /** Format: date-time */
                created_at: string;
                csat_comment: string | null;
                /**
                 * Format: int32
                 * @description The customer's rating, 1 to 5.
                 */
                csat_rating: number | null;
                /** Format: date-time */
                first_reply_at: string | null;
                /**
                 * Format: int64
                 * @description The last number of the thread's log.
                 */
                head: number;
                id: components["schemas"]["ConversationId"];
                labels: string[];
                language: string | null;
                /** Format: date-time */
                last_message_at: string | null;
                last_message_preview: string | null;
                last_sender_type: components["schemas"]["SenderType"] | null;
                priority: components["schemas"]["Priority"];
                /**
                 * Format: date-time
                 * @description Since when it stands in the queue; null when it does not.
                 */
                queued_at: string | null;
                /** Format: date-time */
                resolved_at: string | null;
                status: components["schemas"]["ConversationStatus"];
                subject: string | null;
                team_id: components["schemas"]["TeamId"] | null;
                /**
                 * Format: int32
                 * @description Customer messages since the last public answer of an agent or the assignee's last look.
                 */
                unread_count: number;
                /** Format: date-time */
                updated_at: string;
                /**
                 * Format: int64
                 * @description Rises with every change; a smaller one is older news.
                 */
                version: number;
                /**
                 * Format: date-time
                 * @description Since when the customer waits for a person's answer.
                 */
                waiting_since: string | null;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_DryRunResult: {
            /** @description What the bot would do. */
            data: {
                actions: components["schemas"]["Actions"] | null;
                language: string | null;
                /** @description `matched`, `no_match` or `silent`. */
                outcome: string;
                /** @description Why the bot would be silent. */
                reason: string | null;
                rule_id: components["schemas"]["BotRuleId"] | null;
                rule_name: string | null;
                /** @description Rules in the order in which they were tried, each with why it does not hold. */
                tried: components["schemas"]["TriedRule"][];
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_Estimate: {
            data: {
                /**
                 * Format: int64
                 * @description Members of all groups and segments; who is in several counts once for each.
                 */
                audience: number;
                /**
                 * Format: int64
                 * @description Messages or segments on the bill.
                 */
                billed_units: number;
                /** @description `per_segment`, `per_message` or `free`. */
                cost_class: string;
                /** @description A message as the first of the sample would get it. */
                example: string | null;
                /**
                 * Format: date-time
                 * @description If it began now; null without a rate.
                 */
                finishes_at: string | null;
                /**
                 * Format: int32
                 * @description Messages a minute at which it would go; null: as fast as the machine can.
                 */
                rate_per_minute: number | null;
                /**
                 * Format: int64
                 * @description Messages that would be sent: the audience times the share of the sample that can be reached.
                 */
                recipients: number;
                /**
                 * Format: int64
                 * @description Looked at one by one; the shares are theirs.
                 */
                sample: number;
                /**
                 * Format: double
                 * @description SMS segments of one message, on average; 1 where segments mean nothing.
                 */
                segments_per_message: number;
                /**
                 * @description Why those of the sample that get nothing do not: `no_address`, `suppressed`, `inactive`, `duplicate`,
                 *     `missing values`.
                 */
                skipped: {
                    [key: string]: unknown;
                };
                /** @description Some of them. */
                skipped_examples: components["schemas"]["SkippedExample"][];
                variables: components["schemas"]["VariableShare"][];
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_GroupMessageView: {
            data: components["schemas"]["Counts"] & {
                account_id: components["schemas"]["AccountId"];
                /**
                 * Format: int32
                 * @description More failures than this among them stop the rest.
                 */
                canary_max_failure_percent: number;
                /**
                 * Format: int32
                 * @description The share that goes first.
                 */
                canary_percent: number | null;
                /** @description `waiting`, `passed` or `stopped`; null: there is none. */
                canary_state: string | null;
                channel_id: components["schemas"]["ChannelId"] | null;
                /** Format: date-time */
                completed_at: string | null;
                contact_group_ids: components["schemas"]["GroupId"][];
                /** Format: date-time */
                created_at: string;
                created_by_user_id: components["schemas"]["UserId"] | null;
                custom_values: {
                    [key: string]: unknown;
                };
                /**
                 * Format: int32
                 * @description Members of several groups, and contacts that share an address: they get one message.
                 */
                duplicate_count: number;
                error: string | null;
                exclude_contact_ids: components["schemas"]["ContactId"][];
                /**
                 * Format: date-time
                 * @description When the audience was complete; before, `total_recipients` still grows.
                 */
                frozen_at: string | null;
                id: components["schemas"]["GroupMessageId"];
                metadata: {
                    [key: string]: unknown;
                };
                name: string | null;
                pause_reason: string | null;
                /**
                 * Format: int32
                 * @description Messages a minute; null: as fast as the channels allow.
                 */
                rate_per_minute: number | null;
                schedule_id: components["schemas"]["ScheduleId"] | null;
                /** Format: date-time */
                scheduled_at: string | null;
                segment_ids: components["schemas"]["SegmentId"][];
                /** Format: date-time */
                started_at: string | null;
                status: components["schemas"]["GroupMessageStatus"];
                template_id: components["schemas"]["TemplateId"] | null;
                /** Format: date-time */
                updated_at: string;
                /** Format: int64 */
                version: number;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_GroupView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** Format: int32 */
                contact_count: number;
                /** Format: date-time */
                created_at: string;
                description: string | null;
                id: components["schemas"]["GroupId"];
                /**
                 * Format: int32
                 * @description Contacts and persons together.
                 */
                member_count: number;
                metadata: {
                    [key: string]: unknown;
                };
                name: string;
                /** Format: int32 */
                person_count: number;
                /** Format: date-time */
                updated_at: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_IdentifierView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                channel_type: components["schemas"]["ChannelType"];
                contact_id: components["schemas"]["ContactId"];
                /** Format: date-time */
                created_at: string;
                display_name: string | null;
                id: components["schemas"]["IdentifierId"];
                /** @description Phone number, chat id, e-mail address, visitor id. */
                identifier: string;
                metadata: {
                    [key: string]: unknown;
                };
                /** Format: date-time */
                updated_at: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_ImportPreview: {
            /** @description The beginning of a file. */
            data: {
                columns: string[];
                /** @description What the columns' titles say. */
                mapping: {
                    [key: string]: unknown;
                };
                /** @description The first rows, at most five. */
                rows: string[][];
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_ImportView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** Format: date-time */
                completed_at: string | null;
                /** Format: date-time */
                created_at: string;
                created_by_user_id: components["schemas"]["UserId"] | null;
                /** Format: int32 */
                created_count: number;
                default_country_code: string | null;
                /** Format: int64 */
                done_bytes: number;
                error: string | null;
                /** Format: int32 */
                error_count: number;
                filename: string;
                group_id: components["schemas"]["GroupId"] | null;
                id: components["schemas"]["ImportId"];
                /** @description Everything is looked at and nothing is written. */
                is_dry_run: boolean;
                /** @description Column of the file → field of the contact. */
                mapping: {
                    [key: string]: unknown;
                };
                on_duplicate: components["schemas"]["OnDuplicate"];
                /** Format: int32 */
                row_count: number;
                /** Format: int32 */
                skipped_count: number;
                /** Format: date-time */
                started_at: string | null;
                /** @description `queued`, `processing`, `completed`, `failed` or `cancelled`. */
                status: string;
                tags: string[];
                /** Format: int64 */
                total_bytes: number;
                /** Format: date-time */
                updated_at: string;
                /** Format: int32 */
                updated_count: number;
                upload_id: components["schemas"]["UploadId"];
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_LabelView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** @description `#RRGGBB`. */
                color: string;
                /** Format: date-time */
                created_at: string;
                id: components["schemas"]["LabelId"];
                name: string;
                /** Format: date-time */
                updated_at: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_Me: {
            /** @description The caller, with their places in accounts. */
            data: components["schemas"]["UserView"] & {
                accounts: components["schemas"]["MyAccount"][];
                name: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_MembersMoved: {
            /** @description What became of a change of members. */
            data: {
                /**
                 * Format: int64
                 * @description Put in or taken out.
                 */
                changed: number;
                /**
                 * Format: int64
                 * @description They were in, or out, already.
                 */
                unchanged: number;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_MembershipView: {
            /** @description A user's place in an account. */
            data: {
                /** Format: uuid */
                account_id: string;
                /** Format: date-time */
                created_at: string;
                email: string;
                family_name: string | null;
                given_name: string | null;
                /** Format: uuid */
                id: string;
                is_active: boolean;
                /** @description The role's name. */
                role: string;
                /** Format: uuid */
                role_id: string;
                /** Format: date-time */
                updated_at: string;
                /** Format: uuid */
                user_id: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_MergePreview: {
            /** @description What a merge would do, or did. */
            data: {
                /** @description The survivor as it would be. */
                contact: components["schemas"]["ContactView"];
                /** Format: int64 */
                conversations: number;
                /** @description Fields that the survivor gets. */
                filled: string[];
                /** Format: int64 */
                groups: number;
                /** Format: int64 */
                identifiers: number;
                /** @description Fields in which the two differ and the survivor's value stays. */
                kept: string[];
                /** Format: int64 */
                messages: number;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_MergeView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** Format: date-time */
                created_at: string;
                id: components["schemas"]["MergeId"];
                /** @description The merged contact as it was. */
                merged: {
                    [key: string]: unknown;
                };
                merged_by_user_id: components["schemas"]["UserId"] | null;
                merged_id: components["schemas"]["ContactId"];
                survivor_id: components["schemas"]["ContactId"];
                /** Format: date-time */
                undo_until: string;
                /** Format: date-time */
                undone_at: string | null;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_MessageView: {
            /** @description A message as agents see it. */
            data: {
                account_id: components["schemas"]["AccountId"];
                attachments: components["schemas"]["Attachment"][];
                channel_id: components["schemas"]["ChannelId"] | null;
                /** Format: uuid */
                client_message_id: string | null;
                contact_id: components["schemas"]["ContactId"] | null;
                /** @description The same as `message_body`. */
                content: string;
                content_type: components["schemas"]["ContentType"];
                conversation_id: components["schemas"]["ConversationId"] | null;
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                delivered_at: string | null;
                delivery_address: string;
                direction: components["schemas"]["Direction"];
                error: components["schemas"]["DeliveryError"] | null;
                /** Format: date-time */
                failed_at: string | null;
                id: components["schemas"]["MessageId"];
                /** @description A note: agents only, never sent. */
                is_private: boolean;
                mentions: components["schemas"]["UserId"][];
                message_body: string;
                /** @description The same as `id`. */
                message_id: components["schemas"]["MessageId"];
                metadata: unknown;
                original_template: string | null;
                /** Format: date-time */
                read_at: string | null;
                reply_to: components["schemas"]["MessageId"] | null;
                /** Format: date-time */
                scheduled_at: string | null;
                /** @description The agent's picture. */
                sender_avatar_url: string | null;
                /**
                 * Format: uuid
                 * @description The agent's user id, the bot rule's id or the contact's id.
                 */
                sender_id: string | null;
                sender_name: string | null;
                sender_type: components["schemas"]["SenderType"];
                /** Format: date-time */
                sent_at: string | null;
                /**
                 * Format: int64
                 * @description Number in the thread's log under which it appeared.
                 */
                seq: number | null;
                status: components["schemas"]["MessageStatus"];
                template_id: components["schemas"]["TemplateId"] | null;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_NewApiKeyView: {
            /** @description A key that was just made: the only time its secret is shown. */
            data: components["schemas"]["ApiKeyView"] & {
                /** @description The secret, for `Authorization: Bearer`. */
                key: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_PersonView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                contact_id: components["schemas"]["ContactId"] | null;
                /** Format: date-time */
                created_at: string;
                email: string | null;
                id: components["schemas"]["PersonId"];
                is_active: boolean;
                name: string;
                /** @description E.164. */
                phone: string | null;
                properties: {
                    [key: string]: unknown;
                };
                /** Format: date-time */
                updated_at: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_PreferenceView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                auto_accept: boolean;
                /** @description Empty: every channel. */
                available_channels: components["schemas"]["ChannelType"][];
                /** @description `{schedule: [{days, start, end}], timezone}`; null: always. */
                available_hours: {
                    [key: string]: unknown;
                } | null;
                /** @description Empty: every topic. */
                available_topics: string[];
                /** Format: date-time */
                created_at: string;
                id: components["schemas"]["PreferenceId"];
                /** @description The agent's own status is online. */
                is_available: boolean;
                /** @description Empty: every language. */
                languages: string[];
                /**
                 * Format: int32
                 * @description 1 to 50.
                 */
                max_concurrent_conversations: number;
                notification_preferences: {
                    [key: string]: unknown;
                };
                /** Format: date-time */
                updated_at: string;
                user_id: components["schemas"]["UserId"];
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_Preview: {
            /** @description A template, filled in. */
            data: {
                /** @description Null: under `skip_contact` nothing would be sent. */
                body: string | null;
                /** @description The text was cut off at 64 KiB. */
                truncated: boolean;
                /** @description Variables without a value. */
                unresolved: string[];
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_Retried: {
            /** @description What a retry set going. */
            data: {
                /**
                 * Format: int64
                 * @description Recipients that are tried again.
                 */
                retried: number;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_RoleView: {
            /** @description A role. */
            data: {
                /** Format: uuid */
                account_id: string;
                /** Format: date-time */
                created_at: string;
                /** Format: uuid */
                id: string;
                is_built_in: boolean;
                name: string;
                /**
                 * @example [
                 *       "conversations.view",
                 *       "conversations.reply"
                 *     ]
                 */
                permissions: string[];
                /** Format: date-time */
                updated_at: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_Runs: {
            /** @description When it would fire. */
            data: {
                /** @description At most five. */
                next_runs: string[];
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_SandboxBehaviour: {
            /** @description How the sandbox behaves for a channel. */
            data: {
                /**
                 * @description Delays, shares of failures, receipts, by the schema of the sandbox's settings (see
                 *     `GET /v1/channel-providers`). Fields that are missing take their defaults; null goes back to the channel's
                 *     own settings. Kept until the hub stops.
                 */
                behaviour: {
                    [key: string]: unknown;
                } | null;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_SandboxInboundTaken: {
            /** @description What became of a pretend customer's message. */
            data: {
                /**
                 * Format: int32
                 * @description How often the door took the webhook.
                 */
                deliveries: number;
                /** @description The provider's id of the message. */
                external_id: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_SandboxMessages: {
            /** @description A page of what was sent. */
            data: {
                messages: components["schemas"]["SandboxMessage"][];
                /**
                 * Format: int64
                 * @description How many messages the channel has taken since the hub started; a number below the one seen last means
                 *     that the hub was started again and the sandbox has forgotten what was.
                 */
                taken: number;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_ScheduleView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                cancel_on_reply: boolean;
                channel_id: components["schemas"]["ChannelId"] | null;
                contact_group_ids: components["schemas"]["GroupId"][];
                contact_id: components["schemas"]["ContactId"] | null;
                /** Format: date-time */
                created_at: string;
                created_by_user_id: components["schemas"]["UserId"] | null;
                custom_values: {
                    [key: string]: unknown;
                };
                delivery_address: string | null;
                /** @description Why the last firing failed. */
                error: string | null;
                exclude_contact_ids: components["schemas"]["ContactId"][];
                group_message_id: components["schemas"]["GroupMessageId"] | null;
                id: components["schemas"]["ScheduleId"];
                is_recurring: boolean;
                /** Format: date-time */
                last_triggered_at: string | null;
                /** Format: int32 */
                max_lateness_seconds: number;
                message_id: components["schemas"]["MessageId"] | null;
                metadata: {
                    [key: string]: unknown;
                };
                /** Format: int32 */
                missed_cap: number;
                missed_policy: components["schemas"]["MissedPolicy"];
                name: string | null;
                /** @description The next times at which it fires, at most five. */
                next_runs: string[];
                /** Format: date-time */
                next_trigger_at: string | null;
                /** Format: int32 */
                rate_per_minute: number | null;
                /** @description Each recipient gets it at that time of their own zone (`properties.timezone`). */
                recipient_timezone: boolean;
                /** Format: int32 */
                recurrence_count: number | null;
                /** Format: date-time */
                recurrence_end_at: string | null;
                recurrence_rule: string | null;
                /**
                 * Format: date-time
                 * @description The first time; repeats have its time of day.
                 */
                scheduled_at: string;
                segment_ids: components["schemas"]["SegmentId"][];
                send_type: components["schemas"]["SendType"];
                status: components["schemas"]["ScheduleStatus"];
                template_id: components["schemas"]["TemplateId"] | null;
                /** @description IANA name. */
                timezone: string;
                /** Format: int32 */
                trigger_count: number;
                /** Format: date-time */
                updated_at: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_SegmentView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** Format: date-time */
                created_at: string;
                description: string | null;
                /** @description Conditions as the list of contacts takes them; all must hold. */
                filters: string[];
                id: components["schemas"]["SegmentId"];
                name: string;
                /** Format: date-time */
                updated_at: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_SendingLimits: {
            /** @description The limits of an account and what it has used of them. */
            data: {
                /**
                 * Format: int32
                 * @description Messages a day (UTC); null: no limit. Set by the operator.
                 */
                daily_messages: number | null;
                /** Format: int32 */
                monthly_messages: number | null;
                /**
                 * Format: int32
                 * @description … in so many days.
                 */
                most_days: number | null;
                /**
                 * Format: int32
                 * @description A contact gets no more group messages than so many …
                 */
                most_messages: number | null;
                /**
                 * @description No group messages from this time of day of the recipient on …
                 * @example 21:00
                 */
                quiet_from: string | null;
                /**
                 * @description … until this one.
                 * @example 08:00
                 */
                quiet_until: string | null;
                /** Format: int64 */
                used_this_month: number;
                /** Format: int64 */
                used_today: number;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_Session: {
            /** @description A session: keep the secret, connect with the token. */
            data: {
                conversation_id: components["schemas"]["ConversationId"] | null;
                /** Format: date-time */
                expires_at: string;
                token: string;
                visitor: components["schemas"]["VisitorView"];
                /** @description The same as `visitor.id`. */
                visitor_id: components["schemas"]["VisitorId"];
                /** @description Only when the visitor is new; it is not shown again. */
                visitor_secret?: string;
                /** @description The same as `token`. */
                visitor_token: string;
                /** @description Where to connect: namespace `/customers`. */
                ws_url: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_SetUp: {
            /** @description What the first run made. */
            data: {
                /** Format: uuid */
                account_id: string;
                /** Format: uuid */
                user_id: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_SuppressionView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** @description E.164, an e-mail address in lower case, or the provider's own id. */
                address: string;
                channel_id: components["schemas"]["ChannelId"] | null;
                channel_type: components["schemas"]["ChannelType"];
                contact_id: components["schemas"]["ContactId"] | null;
                /** Format: date-time */
                created_at: string;
                created_by_user_id: components["schemas"]["UserId"] | null;
                id: components["schemas"]["SuppressionId"];
                /** @description What the customer wrote, or what the provider said. */
                note: string | null;
                reason: components["schemas"]["SuppressionReason"];
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_TeamMemberView: {
            data: {
                /** Format: date-time */
                created_at: string;
                email: string;
                name: string;
                role: components["schemas"]["TeamRole"];
                team_id: components["schemas"]["TeamId"];
                user_id: components["schemas"]["UserId"];
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_TeamView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** Format: date-time */
                created_at: string;
                description: string | null;
                id: components["schemas"]["TeamId"];
                is_active: boolean;
                lead_id: components["schemas"]["UserId"] | null;
                /** Format: int64 */
                member_count: number;
                metadata: {
                    [key: string]: unknown;
                };
                name: string;
                /** Format: date-time */
                updated_at: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_TemplateView: {
            data: {
                account_id: components["schemas"]["AccountId"];
                /** @description `pending`, `approved` or `rejected`, set by the provider; null where there is no approval. */
                approval_status: string | null;
                attachments: components["schemas"]["Attachment"][];
                /** @description Text with `{VARIABLE}` or `{{ contact.name | default: "there" }}` in it. */
                body: string;
                category: string | null;
                channel_type: components["schemas"]["ChannelType"] | null;
                /** Format: date-time */
                created_at: string;
                created_by_user_id: components["schemas"]["UserId"] | null;
                /** @description Used under `use_default`. */
                default_values: {
                    [key: string]: unknown;
                };
                external_template_id: string | null;
                fallback_strategy: components["schemas"]["FallbackStrategy"];
                id: components["schemas"]["TemplateId"];
                is_active: boolean;
                language: string | null;
                name: string;
                /**
                 * @description How customers take it, as the provider rates it: `green`, `yellow`, `red` or `unknown`; null where it has not
                 *     told.
                 */
                quality: string | null;
                /** Format: date-time */
                updated_at: string;
                /** @description Found in the body; unique, in order. */
                variables: string[];
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_TemplatesSynced: {
            /** @description What a look at the provider's list changed. */
            data: {
                /**
                 * Format: int64
                 * @description Templates that were not known here.
                 */
                made: number;
                /**
                 * Format: int64
                 * @description Templates whose state was taken over.
                 */
                updated: number;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_TestOutcome: {
            /** @description What the provider made of a test message. */
            data: {
                error: components["schemas"]["DeliveryError"] | null;
                exchange: components["schemas"]["ExchangeView"] | null;
                /** @description `accepted`, `rejected`, `throttled`, `unavailable`, `settings`, `gone`, or `unknown`: it may have been sent. */
                outcome: string;
                /** @description By which the provider knows the message. */
                provider_message_id: string | null;
                /** Format: int64 */
                took_ms: number;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_Tokens: {
            /** @description The tokens that a sign-in or a refresh gives. They never print themselves. */
            data: {
                /** @description For `Authorization: Bearer`, and for the socket. */
                access_token: string;
                /**
                 * Format: int64
                 * @description Life of the access token, in seconds.
                 */
                expires_in: number;
                /** @description Who signed in, for a front-end to read; opens nothing. */
                id_token: string;
                /** @description Good for one refresh; coming back a second time it ends the session. */
                refresh_token: string;
                /** Format: uuid */
                session_id: string;
                /** @example Bearer */
                token_type: string;
                /** Format: uuid */
                user_id: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_Unheard: {
            /**
             * @description Deliveries that were answered and not taken, among those whose bodies are still kept. One delivery may hold
             *     several messages.
             */
            data: {
                /**
                 * Format: int64
                 * @description They came while the channel was switched off.
                 */
                ignored: number;
                /**
                 * Format: date-time
                 * @description When the newest of them came.
                 */
                last_at: string | null;
                /**
                 * Format: int64
                 * @description They could not be read.
                 */
                unreadable: number;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_UploadTicket: {
            /** @description Where to send it. */
            data: {
                /** Format: date-time */
                expires_at: string;
                /** @description `PUT` the bytes here; needs no other credential. */
                put_url: string;
                upload_id: components["schemas"]["UploadId"];
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_UploadView: {
            /** @description An upload as its sender sees it. */
            data: {
                /** Format: date-time */
                expires_at: string;
                filename: string;
                is_complete: boolean;
                mime_type: string;
                /**
                 * Format: int64
                 * @description Bytes that have arrived; a resumed `PUT` begins here.
                 */
                received: number;
                /**
                 * Format: int64
                 * @description Bytes.
                 */
                size: number;
                upload_id: components["schemas"]["UploadId"];
                /** @description Where it can be read, once it is complete. */
                url: string | null;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_UserView: {
            /** @description A user, as colleagues see them. */
            data: {
                /** @description Where their picture can be read. */
                avatar_url: string | null;
                /** Format: date-time */
                created_at: string;
                email: string;
                /** Format: date-time */
                email_verified_at: string | null;
                family_name: string | null;
                given_name: string | null;
                /** Format: uuid */
                id: string;
                is_active: boolean;
                /** Format: date-time */
                last_login_at: string | null;
                phone: string | null;
                /** Format: date-time */
                updated_at: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description One entity, status 200. */
        One_WebhookState: {
            /** @description How a channel receives. */
            data: {
                /** @description What to do, when something is left to be done. */
                hint: string | null;
                /** @description `webhook`, `webhook_by_hand`, `session` or `direct`. */
                receiving: string;
                webhook_url: string;
            };
            message: string | null;
            /** @example true */
            success: boolean;
        };
        /** @description The page that a visitor looks at. */
        PageView: {
            /** @default  */
            referrer?: string;
            /** @default  */
            title?: string;
            /** @default  */
            url?: string;
        };
        /** @enum {string} */
        Permission: "conversations.view" | "notes.view" | "conversations.reply" | "conversations.assign" | "conversations.manage" | "conversations.see_all" | "messages.view" | "messages.send" | "group_messages.send" | "schedules.manage" | "contacts.view" | "contacts.manage" | "templates.view" | "templates.manage" | "canned_responses.view" | "canned_responses.manage" | "channels.view" | "channels.manage" | "bot_rules.view" | "bot_rules.manage" | "teams.view" | "teams.manage" | "preferences.manage" | "users.view" | "users.manage" | "roles.manage" | "account.manage" | "api_keys.manage" | "analytics.view" | "audit.view" | "operations.manage";
        /** Format: uuid */
        PersonId: string;
        PersonView: {
            account_id: components["schemas"]["AccountId"];
            contact_id: components["schemas"]["ContactId"] | null;
            /** Format: date-time */
            created_at: string;
            email: string | null;
            id: components["schemas"]["PersonId"];
            is_active: boolean;
            name: string;
            /** @description E.164. */
            phone: string | null;
            properties: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            updated_at: string;
        };
        /** @description Preferences as they are sent; what is left out keeps its value, or its default. */
        PreferenceChange: {
            auto_accept?: boolean | null;
            available_channels?: components["schemas"]["ChannelType"][] | null;
            available_hours?: {
                [key: string]: unknown;
            } | null;
            available_topics?: string[] | null;
            /** @description One's own only: true is online, false is away. */
            is_available?: boolean | null;
            languages?: string[] | null;
            /** Format: int32 */
            max_concurrent_conversations?: number | null;
            notification_preferences?: {
                [key: string]: unknown;
            } | null;
        };
        /** Format: uuid */
        PreferenceId: string;
        PreferenceView: {
            account_id: components["schemas"]["AccountId"];
            auto_accept: boolean;
            /** @description Empty: every channel. */
            available_channels: components["schemas"]["ChannelType"][];
            /** @description `{schedule: [{days, start, end}], timezone}`; null: always. */
            available_hours: {
                [key: string]: unknown;
            } | null;
            /** @description Empty: every topic. */
            available_topics: string[];
            /** Format: date-time */
            created_at: string;
            id: components["schemas"]["PreferenceId"];
            /** @description The agent's own status is online. */
            is_available: boolean;
            /** @description Empty: every language. */
            languages: string[];
            /**
             * Format: int32
             * @description 1 to 50.
             */
            max_concurrent_conversations: number;
            notification_preferences: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            updated_at: string;
            user_id: components["schemas"]["UserId"];
        };
        /** @description A template, filled in. */
        Preview: {
            /** @description Null: under `skip_contact` nothing would be sent. */
            body: string | null;
            /** @description The text was cut off at 64 KiB. */
            truncated: boolean;
            /** @description Variables without a value. */
            unresolved: string[];
        };
        /** @description Values for a look at a template; what is missing is made up. */
        PreviewRequest: {
            contact_id?: components["schemas"]["ContactId"] | null;
            custom_values?: {
                [key: string]: unknown;
            };
        };
        /**
         * @description How urgent a conversation is; the queue serves higher ones first.
         * @enum {string}
         */
        Priority: "low" | "normal" | "high" | "urgent";
        /** @description A provider of one channel type, described. */
        Profile: {
            /**
             * Format: int32
             * @description Characters of a caption below a picture or a file; `None` = text goes as its own message.
             */
            caption_limit: number | null;
            channel_type: components["schemas"]["ChannelType"];
            /** @description JSON Schema of the write-only `credentials`; secret fields carry `x-secret`. */
            credentials_schema: unknown;
            /**
             * Format: int32
             * @description Messages per minute when the channel sets no `rate_limit`; `None` = unlimited.
             */
            default_rate_per_minute: number | null;
            /** @description Messages leave through the dispatch engine. `false`: they are delivered by our own socket. */
            dispatched: boolean;
            /** @description What people call it: `Twilio`. */
            display_name: string;
            /** @description Credentials that pass the schema; invented ones, for forms and tests. */
            example_credentials: unknown;
            /** @description One sentence for the form: where its credentials are found. */
            help: string;
            /** @description What an address of this channel looks like. */
            identifier: components["schemas"]["IdentifierKind"];
            /**
             * Format: int32
             * @description Attachments that one message may carry; 0 = the channel takes none.
             */
            max_attachments: number;
            media: components["schemas"]["MediaRule"][];
            media_delivery: components["schemas"]["MediaDelivery"];
            /** @description The provider's slug in lower case: `twilio`, `sandbox`, `default`. */
            provider: string;
            /** @description The provider answers STOP words by itself and then refuses to send. */
            provider_handles_opt_out: boolean;
            receipts: components["schemas"]["Receipts"];
            /** @description The adapter can register its webhook at the provider by itself. */
            registers_webhook: boolean;
            /**
             * Format: int32
             * @description Hours after the customer's last message in which free text may be sent; `None` = always.
             */
            reply_window_hours: number | null;
            session: components["schemas"]["SessionNeed"];
            /** @description JSON Schema of the public `settings`. */
            settings_schema: unknown;
            text: components["schemas"]["TextLimit"];
        };
        /** @description Which receipts the provider gives. */
        Receipts: {
            delivered: boolean;
            read: boolean;
        };
        /**
         * @description Where one recipient of a group message stands.
         * @enum {string}
         */
        RecipientState: "pending" | "sending" | "sent" | "delivered" | "failed" | "unknown" | "cancelled" | "skipped";
        /** @description A recipient of a group message. */
        RecipientView: {
            address: string | null;
            /** Format: int32 */
            attempts: number;
            channel_id: components["schemas"]["ChannelId"] | null;
            contact_id: components["schemas"]["ContactId"] | null;
            /** Format: date-time */
            delivered_at: string | null;
            /** @description What the provider said. */
            error: string | null;
            group_message_id: components["schemas"]["GroupMessageId"];
            /** @description The message's id, once there is one. */
            id: components["schemas"]["MessageId"];
            name: string | null;
            person_id: components["schemas"]["PersonId"] | null;
            /** Format: date-time */
            read_at: string | null;
            /** @description Why it was skipped or failed. */
            reason: string | null;
            /** Format: date-time */
            sent_at: string | null;
            state: components["schemas"]["RecipientState"];
            /** Format: date-time */
            updated_at: string;
        };
        Refresh: {
            refresh_token: string;
        };
        /** @description A text or a template to fill in. */
        RenderRequest: {
            contact_id?: components["schemas"]["ContactId"] | null;
            custom_values?: {
                [key: string]: unknown;
            };
            default_values?: {
                [key: string]: unknown;
            };
            fallback_strategy?: components["schemas"]["FallbackStrategy"] | null;
            /** @description Either this or `template_id`. */
            message_body?: string | null;
            template_id?: components["schemas"]["TemplateId"] | null;
        };
        /** @description A new order of rules. */
        Reorder: {
            /** @description First to last; they get the priorities 10, 20, 30 … */
            ids: components["schemas"]["BotRuleId"][];
        };
        /** @description What a retry set going. */
        Retried: {
            /**
             * Format: int64
             * @description Recipients that are tried again.
             */
            retried: number;
        };
        /** @description A role. */
        RoleView: {
            /** Format: uuid */
            account_id: string;
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            is_built_in: boolean;
            name: string;
            /**
             * @example [
             *       "conversations.view",
             *       "conversations.reply"
             *     ]
             */
            permissions: string[];
            /** Format: date-time */
            updated_at: string;
        };
        /** @description When it would fire. */
        Runs: {
            /** @description At most five. */
            next_runs: string[];
        };
        /** @description Times to look at before they are stored. */
        RunsRequest: {
            account_id?: components["schemas"]["AccountId"] | null;
            recipient_timezone?: boolean;
            /** Format: date-time */
            recurrence_end_at?: string | null;
            recurrence_rule?: string | null;
            /** Format: date-time */
            scheduled_at: string;
            timezone?: string | null;
        };
        /** @description How the sandbox behaves for a channel. */
        SandboxBehaviour: {
            /**
             * @description Delays, shares of failures, receipts, by the schema of the sandbox's settings (see
             *     `GET /v1/channel-providers`). Fields that are missing take their defaults; null goes back to the channel's
             *     own settings. Kept until the hub stops.
             */
            behaviour?: {
                [key: string]: unknown;
            } | null;
        };
        /** @description What a pretend customer writes. */
        SandboxInbound: {
            /**
             * Format: date-time
             * @description When the customer wrote it; now if missing.
             */
            at?: string | null;
            /** @description A file is an address in `url`, or `data:<mime>;base64,…`; a location has its degrees. */
            attachments?: components["schemas"]["Attachment"][];
            /**
             * Format: int32
             * @description How often the provider delivers the webhook (1 to 20): all but the first are duplicates.
             */
            copies?: number | null;
            /** @description The name that the customer shows. */
            display_name?: string | null;
            /** @description The provider's id of this message; made up if missing. The same id twice is the same message. */
            external_id?: string | null;
            /**
             * @description The customer's identifier: a phone number, a chat id, an e-mail address.
             * @example +251911000001
             */
            from: string;
            /** @description A language tag that the customer's app announces. */
            language?: string | null;
            /** @description The provider's id of the message that it answers. */
            reply_to?: string | null;
            /** @description May be empty if there are attachments. */
            text?: string;
            /** @description A group's id; the customer's own conversation if missing. */
            thread_key?: string | null;
        };
        /** @description What became of a pretend customer's message. */
        SandboxInboundTaken: {
            /**
             * Format: int32
             * @description How often the door took the webhook.
             */
            deliveries: number;
            /** @description The provider's id of the message. */
            external_id: string;
        };
        /** @description A message that the sandbox was sent, and how it stands with us. */
        SandboxMessage: {
            /** Format: date-time */
            at: string;
            attachments: components["schemas"]["Attachment"][];
            message_id: components["schemas"]["MessageId"] | null;
            /** @description What the sender was told: `answered`, or nothing because the connection was `cut`. */
            outcome: string;
            /** @description A long message comes in parts, from 0. */
            part: number;
            provider_message_id: string;
            /** Format: date-time */
            read_at: string | null;
            /** @description The provider's id of the message that it answers. */
            reply_to: string | null;
            /**
             * Format: int64
             * @description Counts up from 1 within the channel since the hub started.
             */
            seq: number;
            status: components["schemas"]["MessageStatus"] | null;
            text: string;
            thread_key: string | null;
            /** @description The customer's identifier. */
            to: string;
        };
        /** @description A page of what was sent. */
        SandboxMessages: {
            messages: components["schemas"]["SandboxMessage"][];
            /**
             * Format: int64
             * @description How many messages the channel has taken since the hub started; a number below the one seen last means
             *     that the hub was started again and the sandbox has forgotten what was.
             */
            taken: number;
        };
        /** Format: uuid */
        ScheduleId: string;
        /** @enum {string} */
        ScheduleStatus: "pending" | "triggered" | "completed" | "failed" | "cancelled" | "paused";
        ScheduleView: {
            account_id: components["schemas"]["AccountId"];
            cancel_on_reply: boolean;
            channel_id: components["schemas"]["ChannelId"] | null;
            contact_group_ids: components["schemas"]["GroupId"][];
            contact_id: components["schemas"]["ContactId"] | null;
            /** Format: date-time */
            created_at: string;
            created_by_user_id: components["schemas"]["UserId"] | null;
            custom_values: {
                [key: string]: unknown;
            };
            delivery_address: string | null;
            /** @description Why the last firing failed. */
            error: string | null;
            exclude_contact_ids: components["schemas"]["ContactId"][];
            group_message_id: components["schemas"]["GroupMessageId"] | null;
            id: components["schemas"]["ScheduleId"];
            is_recurring: boolean;
            /** Format: date-time */
            last_triggered_at: string | null;
            /** Format: int32 */
            max_lateness_seconds: number;
            message_id: components["schemas"]["MessageId"] | null;
            metadata: {
                [key: string]: unknown;
            };
            /** Format: int32 */
            missed_cap: number;
            missed_policy: components["schemas"]["MissedPolicy"];
            name: string | null;
            /** @description The next times at which it fires, at most five. */
            next_runs: string[];
            /** Format: date-time */
            next_trigger_at: string | null;
            /** Format: int32 */
            rate_per_minute: number | null;
            /** @description Each recipient gets it at that time of their own zone (`properties.timezone`). */
            recipient_timezone: boolean;
            /** Format: int32 */
            recurrence_count: number | null;
            /** Format: date-time */
            recurrence_end_at: string | null;
            recurrence_rule: string | null;
            /**
             * Format: date-time
             * @description The first time; repeats have its time of day.
             */
            scheduled_at: string;
            segment_ids: components["schemas"]["SegmentId"][];
            send_type: components["schemas"]["SendType"];
            status: components["schemas"]["ScheduleStatus"];
            template_id: components["schemas"]["TemplateId"] | null;
            /** @description IANA name. */
            timezone: string;
            /** Format: int32 */
            trigger_count: number;
            /** Format: date-time */
            updated_at: string;
        };
        /**
         * Format: uuid
         * @description A saved filter over contacts.
         */
        SegmentId: string;
        SegmentView: {
            account_id: components["schemas"]["AccountId"];
            /** Format: date-time */
            created_at: string;
            description: string | null;
            /** @description Conditions as the list of contacts takes them; all must hold. */
            filters: string[];
            id: components["schemas"]["SegmentId"];
            name: string;
            /** Format: date-time */
            updated_at: string;
        };
        /**
         * @description To whom a schedule sends.
         * @enum {string}
         */
        SendType: "single" | "group";
        /** @enum {string} */
        SenderType: "contact" | "agent" | "bot" | "system";
        /** @description The limits of an account and what it has used of them. */
        SendingLimits: {
            /**
             * Format: int32
             * @description Messages a day (UTC); null: no limit. Set by the operator.
             */
            daily_messages: number | null;
            /** Format: int32 */
            monthly_messages: number | null;
            /**
             * Format: int32
             * @description … in so many days.
             */
            most_days: number | null;
            /**
             * Format: int32
             * @description A contact gets no more group messages than so many …
             */
            most_messages: number | null;
            /**
             * @description No group messages from this time of day of the recipient on …
             * @example 21:00
             */
            quiet_from: string | null;
            /**
             * @description … until this one.
             * @example 08:00
             */
            quiet_until: string | null;
            /** Format: int64 */
            used_this_month: number;
            /** Format: int64 */
            used_today: number;
        };
        /** @description A session: keep the secret, connect with the token. */
        Session: {
            conversation_id: components["schemas"]["ConversationId"] | null;
            /** Format: date-time */
            expires_at: string;
            token: string;
            visitor: components["schemas"]["VisitorView"];
            /** @description The same as `visitor.id`. */
            visitor_id: components["schemas"]["VisitorId"];
            /** @description Only when the visitor is new; it is not shown again. */
            visitor_secret?: string;
            /** @description The same as `token`. */
            visitor_token: string;
            /** @description Where to connect: namespace `/customers`. */
            ws_url: string;
        };
        /**
         * @description Whether the provider needs a connection that we hold open.
         * @enum {string}
         */
        SessionNeed: "never" | "without_webhook" | "always";
        /** @description A sign-in, as its owner sees it. */
        SessionView: {
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string;
            /** Format: uuid */
            id: string;
            ip: string | null;
            /** @description The one that asks. */
            is_current: boolean;
            /** Format: date-time */
            last_used_at: string;
            user_agent: string | null;
        };
        SetRole: {
            /** Format: uuid */
            role_id: string;
        };
        /** @description What the first run made. */
        SetUp: {
            /** Format: uuid */
            account_id: string;
            /** Format: uuid */
            user_id: string;
        };
        /** @description What the set-up page sends. */
        Setup: {
            account_name: string;
            email: string;
            family_name?: string | null;
            given_name?: string | null;
            password: string;
            /** @description From the address that the hub printed when it started. */
            token: string;
        };
        SkippedExample: {
            contact_id: components["schemas"]["ContactId"] | null;
            reason: string;
        };
        /** @description Where a template is to be approved. */
        Submission: {
            channel_id: components["schemas"]["ChannelId"];
        };
        /** Format: uuid */
        SuppressionId: string;
        /** @enum {string} */
        SuppressionReason: "opt_out" | "bounce" | "complaint" | "manual";
        SuppressionView: {
            account_id: components["schemas"]["AccountId"];
            /** @description E.164, an e-mail address in lower case, or the provider's own id. */
            address: string;
            channel_id: components["schemas"]["ChannelId"] | null;
            channel_type: components["schemas"]["ChannelType"];
            contact_id: components["schemas"]["ContactId"] | null;
            /** Format: date-time */
            created_at: string;
            created_by_user_id: components["schemas"]["UserId"] | null;
            id: components["schemas"]["SuppressionId"];
            /** @description What the customer wrote, or what the provider said. */
            note: string | null;
            reason: components["schemas"]["SuppressionReason"];
        };
        /** Format: uuid */
        TeamId: string;
        TeamMemberView: {
            /** Format: date-time */
            created_at: string;
            email: string;
            name: string;
            role: components["schemas"]["TeamRole"];
            team_id: components["schemas"]["TeamId"];
            user_id: components["schemas"]["UserId"];
        };
        /**
         * @description What someone is in a team.
         * @enum {string}
         */
        TeamRole: "member" | "lead";
        TeamView: {
            account_id: components["schemas"]["AccountId"];
            /** Format: date-time */
            created_at: string;
            description: string | null;
            id: components["schemas"]["TeamId"];
            is_active: boolean;
            lead_id: components["schemas"]["UserId"] | null;
            /** Format: int64 */
            member_count: number;
            metadata: {
                [key: string]: unknown;
            };
            name: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** Format: uuid */
        TemplateId: string;
        TemplateView: {
            account_id: components["schemas"]["AccountId"];
            /** @description `pending`, `approved` or `rejected`, set by the provider; null where there is no approval. */
            approval_status: string | null;
            attachments: components["schemas"]["Attachment"][];
            /** @description Text with `{VARIABLE}` or `{{ contact.name | default: "there" }}` in it. */
            body: string;
            category: string | null;
            channel_type: components["schemas"]["ChannelType"] | null;
            /** Format: date-time */
            created_at: string;
            created_by_user_id: components["schemas"]["UserId"] | null;
            /** @description Used under `use_default`. */
            default_values: {
                [key: string]: unknown;
            };
            external_template_id: string | null;
            fallback_strategy: components["schemas"]["FallbackStrategy"];
            id: components["schemas"]["TemplateId"];
            is_active: boolean;
            language: string | null;
            name: string;
            /**
             * @description How customers take it, as the provider rates it: `green`, `yellow`, `red` or `unknown`; null where it has not
             *     told.
             */
            quality: string | null;
            /** Format: date-time */
            updated_at: string;
            /** @description Found in the body; unique, in order. */
            variables: string[];
        };
        /** @description What a look at the provider's list changed. */
        TemplatesSynced: {
            /**
             * Format: int64
             * @description Templates that were not known here.
             */
            made: number;
            /**
             * Format: int64
             * @description Templates whose state was taken over.
             */
            updated: number;
        };
        /** @description What is sent, and where to. */
        TestMessage: {
            /** @description It must fit into one request to the provider. */
            text: string;
            /** @description An address as the channel's provider knows it. */
            to: string;
        };
        /** @description What the provider made of a test message. */
        TestOutcome: {
            error: components["schemas"]["DeliveryError"] | null;
            exchange: components["schemas"]["ExchangeView"] | null;
            /** @description `accepted`, `rejected`, `throttled`, `unavailable`, `settings`, `gone`, or `unknown`: it may have been sent. */
            outcome: string;
            /** @description By which the provider knows the message. */
            provider_message_id: string | null;
            /** Format: int64 */
            took_ms: number;
        };
        /** @description To whom a test goes. */
        TestSend: {
            channel_id?: components["schemas"]["ChannelId"] | null;
            contact_id?: components["schemas"]["ContactId"] | null;
            delivery_address?: string | null;
        };
        /** @description How long one text may be; a longer one is split by the adapter. */
        TextLimit: {
            /** Format: int32 */
            max: number;
            /**
             * Format: int32
             * @description Segments that one SMS may take; `None` where segments mean nothing.
             */
            max_segments: number | null;
            unit: components["schemas"]["TextUnit"];
        };
        /** @description A text to look at before it is stored. */
        TextToPreview: components["schemas"]["PreviewRequest"] & {
            body: string;
            default_values?: {
                [key: string]: unknown;
            };
            fallback_strategy?: components["schemas"]["FallbackStrategy"] | null;
        };
        /**
         * @description What a text limit counts.
         * @enum {string}
         */
        TextUnit: "chars" | "utf16" | "bytes";
        /** @description A daily range as it is written. */
        TimeBounds: {
            /** @example 08:00 */
            end: string;
            /** @example 18:00 */
            start: string;
            tz?: string | null;
        };
        /** @description One line of the timeline. */
        TimelineItem: {
            /** Format: date-time */
            at: string;
            details: {
                [key: string]: unknown;
            };
            /**
             * Format: uuid
             * @description The id of what it is about.
             */
            id: string;
            /** @description `created`, `conversation`, `message`, `group`, `suppression`, `merge` or `schedule`. */
            kind: string;
            status: string | null;
            /** @description A name, a subject, the beginning of a text. */
            title: string | null;
        };
        /** @description The tokens that a sign-in or a refresh gives. They never print themselves. */
        Tokens: {
            /** @description For `Authorization: Bearer`, and for the socket. */
            access_token: string;
            /**
             * Format: int64
             * @description Life of the access token, in seconds.
             */
            expires_in: number;
            /** @description Who signed in, for a front-end to read; opens nothing. */
            id_token: string;
            /** @description Good for one refresh; coming back a second time it ends the session. */
            refresh_token: string;
            /** Format: uuid */
            session_id: string;
            /** @example Bearer */
            token_type: string;
            /** Format: uuid */
            user_id: string;
        };
        TriedRule: {
            matched: boolean;
            name: string;
            reason: string;
            rule_id: components["schemas"]["BotRuleId"];
        };
        /**
         * @description What makes a rule hold, besides its filters.
         * @enum {string}
         */
        TriggerType: "keyword" | "time_based" | "channel" | "new_conversation" | "fallback";
        /**
         * @description Deliveries that were answered and not taken, among those whose bodies are still kept. One delivery may hold
         *     several messages.
         */
        Unheard: {
            /**
             * Format: int64
             * @description They came while the channel was switched off.
             */
            ignored: number;
            /**
             * Format: date-time
             * @description When the newest of them came.
             */
            last_at: string | null;
            /**
             * Format: int64
             * @description They could not be read.
             */
            unreadable: number;
        };
        /** @description What changes in an account; what is absent stays. */
        UpdateAccount: {
            description?: string | null;
            languages?: string[] | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
            name?: string | null;
            settings?: {
                [key: string]: unknown;
            } | null;
            slug?: string | null;
            timezone?: string | null;
            visibility?: components["schemas"]["Visibility"] | null;
        };
        UpdateBotRule: {
            actions?: components["schemas"]["Actions"] | null;
            conditions?: components["schemas"]["Conditions"] | null;
            description?: string | null;
            is_active?: boolean | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
            name?: string | null;
            /** Format: int32 */
            priority?: number | null;
            trigger_type?: components["schemas"]["TriggerType"] | null;
        };
        UpdateCannedResponse: {
            category?: string | null;
            content?: string | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
            short_code?: string | null;
            title?: string | null;
        };
        /** @description What to change; the type and the provider stay. */
        UpdateChannel: {
            /** @description Laid over the stored ones; masked values leave them alone, null removes. */
            credentials?: unknown;
            default_country_code?: string | null;
            is_enabled?: boolean | null;
            /**
             * Format: int32
             * @description With new credentials: how many seconds webhooks that are signed with the replaced ones still count; an hour
             *     unless given, at most a day. 0 where they are known to others.
             */
            keep_previous_seconds?: number | null;
            name?: string | null;
            /** Format: int32 */
            priority?: number | null;
            /** Format: int32 */
            rate_limit?: number | null;
            /** Format: int32 */
            retry_count?: number | null;
            /** Format: int32 */
            retry_interval?: number | null;
            sender_name?: string | null;
            /** @description Laid over the stored ones; null removes. */
            settings?: unknown;
            /** Format: int32 */
            silence_hours?: number | null;
        };
        UpdateContact: {
            email?: string | null;
            first_name?: string | null;
            is_active?: boolean | null;
            last_name?: string | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
            name?: string | null;
            phone?: string | null;
            preferred_channel_type?: components["schemas"]["ChannelType"] | null;
            preferred_language?: string | null;
            /** @description Replaces all of them. */
            properties?: {
                [key: string]: unknown;
            } | null;
            tags?: string[] | null;
        };
        UpdateGroup: {
            description?: string | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
            name?: string | null;
        };
        /**
         * @description What is absent stays. The rate may change at any time, all else only before sending begins; `status`
         *     queues a draft, pauses, resumes (`queued` or `processing`) or cancels.
         */
        UpdateGroupMessage: {
            /** Format: int32 */
            canary_max_failure_percent?: number | null;
            /** Format: int32 */
            canary_percent?: number | null;
            channel_id?: components["schemas"]["ChannelId"] | null;
            contact_group_ids?: components["schemas"]["GroupId"][] | null;
            custom_values?: {
                [key: string]: unknown;
            } | null;
            exclude_contact_ids?: components["schemas"]["ContactId"][] | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
            name?: string | null;
            /** Format: int32 */
            rate_per_minute?: number | null;
            /** Format: date-time */
            scheduled_at?: string | null;
            segment_ids?: components["schemas"]["SegmentId"][] | null;
            status?: components["schemas"]["GroupMessageStatus"] | null;
            template_id?: components["schemas"]["TemplateId"] | null;
        };
        /** @description The address itself cannot be changed; giving it to another contact can. */
        UpdateIdentifier: {
            contact_id?: components["schemas"]["ContactId"] | null;
            display_name?: string | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
        };
        UpdateLabel: {
            color?: string | null;
            name?: string | null;
        };
        UpdatePerson: {
            contact_id?: components["schemas"]["ContactId"] | null;
            email?: string | null;
            is_active?: boolean | null;
            name?: string | null;
            phone?: string | null;
            /** @description Replaces all of them. */
            properties?: {
                [key: string]: unknown;
            } | null;
        };
        /** @description What changes in a role; what is absent stays. */
        UpdateRole: {
            name?: string | null;
            permissions?: string[] | null;
        };
        /** @description What is absent stays. `status` pauses (`paused`), resumes (`pending`) or cancels (`cancelled`). */
        UpdateSchedule: {
            cancel_on_reply?: boolean | null;
            channel_id?: components["schemas"]["ChannelId"] | null;
            contact_group_ids?: components["schemas"]["GroupId"][] | null;
            contact_id?: components["schemas"]["ContactId"] | null;
            custom_values?: {
                [key: string]: unknown;
            } | null;
            delivery_address?: string | null;
            exclude_contact_ids?: components["schemas"]["ContactId"][] | null;
            is_recurring?: boolean | null;
            /** Format: int32 */
            max_lateness_seconds?: number | null;
            /** @description Becomes a template. */
            message_body?: string | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
            /** Format: int32 */
            missed_cap?: number | null;
            missed_policy?: components["schemas"]["MissedPolicy"] | null;
            name?: string | null;
            /** Format: int32 */
            rate_per_minute?: number | null;
            recipient_timezone?: boolean | null;
            /** Format: int32 */
            recurrence_count?: number | null;
            /** Format: date-time */
            recurrence_end_at?: string | null;
            recurrence_rule?: string | null;
            /** Format: date-time */
            scheduled_at?: string | null;
            segment_ids?: components["schemas"]["SegmentId"][] | null;
            status?: components["schemas"]["ScheduleStatus"] | null;
            template_id?: components["schemas"]["TemplateId"] | null;
            timezone?: string | null;
        };
        UpdateSegment: {
            description?: string | null;
            filters?: string[] | null;
            name?: string | null;
        };
        /** @description Both of a pair, or neither. */
        UpdateSendingLimits: {
            account_id?: components["schemas"]["AccountId"] | null;
            /** Format: int32 */
            most_days?: number | null;
            /** Format: int32 */
            most_messages?: number | null;
            /** @example 21:00 */
            quiet_from?: string | null;
            quiet_until?: string | null;
        };
        UpdateTeam: {
            description?: string | null;
            is_active?: boolean | null;
            lead_id?: components["schemas"]["UserId"] | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
            name?: string | null;
        };
        UpdateTemplate: {
            attachments?: components["schemas"]["Attachment"][] | null;
            body?: string | null;
            category?: string | null;
            channel_type?: components["schemas"]["ChannelType"] | null;
            default_values?: {
                [key: string]: unknown;
            } | null;
            fallback_strategy?: components["schemas"]["FallbackStrategy"] | null;
            is_active?: boolean | null;
            language?: string | null;
            name?: string | null;
        };
        /** @description What changes in a user; what is absent stays. */
        UpdateUser: {
            /**
             * Format: uuid
             * @description A finished upload of the caller's: a PNG, JPEG, WebP or GIF picture of at most 1 MB.
             */
            avatar_upload_id?: string | null;
            email?: string | null;
            family_name?: string | null;
            given_name?: string | null;
            is_active?: boolean | null;
            /** @description Set by a manager; people change their own with `POST /v1/auth/password`. */
            password?: string | null;
            phone?: string | null;
        };
        /** Format: uuid */
        UploadId: string;
        /** @description Where to send it. */
        UploadTicket: {
            /** Format: date-time */
            expires_at: string;
            /** @description `PUT` the bytes here; needs no other credential. */
            put_url: string;
            upload_id: components["schemas"]["UploadId"];
        };
        /** @description An upload as its sender sees it. */
        UploadView: {
            /** Format: date-time */
            expires_at: string;
            filename: string;
            is_complete: boolean;
            mime_type: string;
            /**
             * Format: int64
             * @description Bytes that have arrived; a resumed `PUT` begins here.
             */
            received: number;
            /**
             * Format: int64
             * @description Bytes.
             */
            size: number;
            upload_id: components["schemas"]["UploadId"];
            /** @description Where it can be read, once it is complete. */
            url: string | null;
        };
        /** Format: uuid */
        UserId: string;
        /** @description A user, as colleagues see them. */
        UserView: {
            /** @description Where their picture can be read. */
            avatar_url: string | null;
            /** Format: date-time */
            created_at: string;
            email: string;
            /** Format: date-time */
            email_verified_at: string | null;
            family_name: string | null;
            given_name: string | null;
            /** Format: uuid */
            id: string;
            is_active: boolean;
            /** Format: date-time */
            last_login_at: string | null;
            phone: string | null;
            /** Format: date-time */
            updated_at: string;
        };
        /** @description How often a variable of the template has a value. */
        VariableShare: {
            name: string;
            /**
             * Format: double
             * @description 0 to 1. Defaults written in the template count as values.
             */
            resolved: number;
        };
        /**
         * @description Who sees which conversations.
         * @enum {string}
         */
        Visibility: "all" | "team";
        /**
         * Format: uuid
         * @description A browser that opened the web chat.
         */
        VisitorId: string;
        /** @description A visitor as they may see themselves. */
        VisitorView: {
            email: string | null;
            id: components["schemas"]["VisitorId"];
            name: string | null;
            phone: string | null;
            verified: boolean;
        };
        /** @description How a channel receives. */
        WebhookState: {
            /** @description What to do, when something is left to be done. */
            hint: string | null;
            /** @description `webhook`, `webhook_by_hand`, `session` or `direct`. */
            receiving: string;
            webhook_url: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    auth_jwks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    auth_context_basic_alias: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContextView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    files_linked: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    operation_alive_alias: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It lives */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    operation_ready_alias: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not now; says what is missing */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    operation_alive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It lives */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    operation_ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not now; says what is missing */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    accounts_list: {
        parameters: {
            query?: {
                filter?: string[];
                sort?: string[];
                skip?: number;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_AccountView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    accounts_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAccount"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_AccountView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    accounts_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_AccountView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    accounts_update_put: {
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
                "application/json": components["schemas"]["UpdateAccount"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_AccountView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    accounts_suspend: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    accounts_update: {
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
                "application/json": components["schemas"]["UpdateAccount"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_AccountView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    memberships_list: {
        parameters: {
            query?: {
                filter?: string[];
                sort?: string[];
                skip?: number;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_MembershipView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    memberships_add: {
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
                "application/json": components["schemas"]["NewMembership"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MembershipView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    memberships_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MembershipView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    memberships_set_role_put: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetRole"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MembershipView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    memberships_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    memberships_set_role: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetRole"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MembershipView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    agent_preferences_list: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_PreferenceView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    agent_preferences_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPreference"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_PreferenceView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    agent_preferences_mine: {
        parameters: {
            query?: {
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_PreferenceView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    agent_preferences_update_mine_put: {
        parameters: {
            query?: {
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreferenceChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_PreferenceView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    agent_preferences_update_mine: {
        parameters: {
            query?: {
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreferenceChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_PreferenceView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    agent_preferences_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_PreferenceView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    agent_preferences_update_put: {
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
                "application/json": components["schemas"]["PreferenceChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_PreferenceView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    agent_preferences_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    agent_preferences_update: {
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
                "application/json": components["schemas"]["PreferenceChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_PreferenceView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    api_keys_list: {
        parameters: {
            query?: {
                account_id?: string;
                filter?: string[];
                sort?: string[];
                skip?: number;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_ApiKeyView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    api_keys_create: {
        parameters: {
            query?: {
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewApiKey"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_NewApiKeyView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    api_keys_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ApiKeyView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    api_keys_revoke: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    auth_login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Login"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_Tokens"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    auth_logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    auth_change_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePassword"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    auth_refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Refresh"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_Tokens"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    auth_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_SessionView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    auth_end_session: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    bot_rules_list: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_BotRuleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    bot_rules_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewBotRule"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_BotRuleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    bot_rules_reorder: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reorder"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_BotRuleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    bot_rules_test: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DryRun"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_DryRunResult"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    bot_rules_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_BotRuleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    bot_rules_update_put: {
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
                "application/json": components["schemas"]["UpdateBotRule"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_BotRuleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    bot_rules_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    bot_rules_update: {
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
                "application/json": components["schemas"]["UpdateBotRule"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_BotRuleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    canned_responses_list: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_CannedResponseView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    canned_responses_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCannedResponse"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_CannedResponseView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    canned_responses_search: {
        parameters: {
            query?: {
                q?: string;
                conversation_id?: string;
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_CannedHit"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    canned_responses_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_CannedResponseView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    canned_responses_update_put: {
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
                "application/json": components["schemas"]["UpdateCannedResponse"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_CannedResponseView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    canned_responses_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    canned_responses_update: {
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
                "application/json": components["schemas"]["UpdateCannedResponse"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_CannedResponseView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    channels_providers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_Profile"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    channels_list: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_ChannelView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    channels_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewChannel"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ChannelView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    channels_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ChannelView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    channels_update_put: {
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
                "application/json": components["schemas"]["UpdateChannel"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ChannelView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    channels_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    channels_update: {
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
                "application/json": components["schemas"]["UpdateChannel"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ChannelView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    channels_health: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ChannelHealth"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    sandbox_behaviour: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A channel of the provider sandbox */
                id: components["schemas"]["ChannelId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_SandboxBehaviour"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    sandbox_tell: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A channel of the provider sandbox */
                id: components["schemas"]["ChannelId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SandboxBehaviour"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_SandboxBehaviour"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    sandbox_write: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A channel of the provider sandbox */
                id: components["schemas"]["ChannelId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SandboxInbound"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_SandboxInboundTaken"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    sandbox_messages: {
        parameters: {
            query?: {
                /** @description Only messages with a greater `seq` */
                after?: number;
                /** @description At most so many, 1 to 500; 100 unless given */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description A channel of the provider sandbox */
                id: components["schemas"]["ChannelId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_SandboxMessages"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    templates_sync: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_TemplatesSynced"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    channels_test_message: {
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
                "application/json": components["schemas"]["TestMessage"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_TestOutcome"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    channels_unheard: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_Unheard"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    channels_verify: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ChannelView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    channels_webhook: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_WebhookState"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    operation_connections_list: {
        parameters: {
            query?: {
                /** @description Not needed by members of one account */
                account_id?: components["schemas"]["AccountId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_LiveConnection"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    operation_connections_cut: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_list: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_IdentifierView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewIdentifier"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_IdentifierView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_IdentifierView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_update_put: {
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
                "application/json": components["schemas"]["UpdateIdentifier"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_IdentifierView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_update: {
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
                "application/json": components["schemas"]["UpdateIdentifier"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_IdentifierView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_list_get: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_ImportView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_create_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewImport"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ImportView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_preview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportPreviewRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ImportPreview"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_get_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ImportView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_cancel: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ImportView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_errors: {
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
            /** @description one line for each row */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_merges: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_MergeView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_undo: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ContactView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_list_get_get: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_ContactView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_create_post_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewContact"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ContactView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_bulk: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Bulk"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_BulkDone"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_export: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description one line for each contact */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_get_get_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ContactView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_update_put_put: {
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
                "application/json": components["schemas"]["UpdateContact"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ContactView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_delete_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_update_patch: {
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
                "application/json": components["schemas"]["UpdateContact"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ContactView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_merge_into: {
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
                "application/json": components["schemas"]["MergeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MergeView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_merge_preview: {
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
                "application/json": components["schemas"]["MergeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MergePreview"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_merges_of: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_MergeView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_timeline: {
        parameters: {
            query?: {
                before?: string;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_TimelineItem"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    auth_context: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContextView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    auth_context_basic: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContextView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_list: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_ConversationView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewConversation"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ConversationView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ConversationView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_update_put: {
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
                "application/json": components["schemas"]["ConversationChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ConversationView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_close: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_update: {
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
                "application/json": components["schemas"]["ConversationChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ConversationView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_activity: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_ActivityView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_assign: {
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
                "application/json": components["schemas"]["Assignment"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ConversationView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_assignments: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_AssignmentView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_messages_of: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_MessageView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_post_message: {
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
                "application/json": components["schemas"]["NewReply"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MessageView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_routing: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_DecisionView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_status: {
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
                "application/json": components["schemas"]["NewStatus"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ConversationView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    files_file: {
        parameters: {
            query?: {
                expires?: number;
                signature?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    group_messages_list: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_GroupMessageView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    group_messages_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewGroupMessage"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_GroupMessageView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    group_messages_estimate_new: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewGroupMessage"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_Estimate"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    group_messages_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_GroupMessageView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    group_messages_update_put: {
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
                "application/json": components["schemas"]["UpdateGroupMessage"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_GroupMessageView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    group_messages_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    group_messages_update: {
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
                "application/json": components["schemas"]["UpdateGroupMessage"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_GroupMessageView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    group_messages_estimate_stored: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_Estimate"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    group_messages_recipients: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_RecipientView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    group_messages_recipients_csv: {
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
            /** @description one line for each recipient */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    group_messages_retry: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_Retried"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    group_messages_test: {
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
                "application/json": components["schemas"]["TestSend"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MessageView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_list_get_get_get: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_GroupView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_create_post_post_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewGroup"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_GroupView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_get_get_get_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_GroupView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_update_put_put_put: {
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
                "application/json": components["schemas"]["UpdateGroup"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_GroupView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_delete_delete_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_update_patch_patch: {
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
                "application/json": components["schemas"]["UpdateGroup"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_GroupView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_ContactView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_add_contacts: {
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
                "application/json": components["schemas"]["GroupContacts"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MembersMoved"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_remove_contacts: {
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
                "application/json": components["schemas"]["GroupContacts"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MembersMoved"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_remove_contact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                contact_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_persons: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_PersonView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_add_persons: {
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
                "application/json": components["schemas"]["GroupPersons"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MembersMoved"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_remove_persons: {
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
                "application/json": components["schemas"]["GroupPersons"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MembersMoved"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_remove_person: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                person_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_list_get: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_LabelView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_create_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewLabel"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_LabelView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_get_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_LabelView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_update_put_put: {
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
                "application/json": components["schemas"]["UpdateLabel"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_LabelView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    conversations_update_patch: {
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
                "application/json": components["schemas"]["UpdateLabel"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_LabelView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    messages_list: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_MessageView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    messages_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSingle"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MessageView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    messages_render: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RenderRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_Preview"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    messages_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MessageView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    messages_attempts: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_AttemptView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    messages_cancel: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MessageView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    messages_retry: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_MessageView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    roles_permissions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_Permission"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_list_get_get_get_get: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_PersonView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_create_post_post_post_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPerson"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_PersonView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_get_get_get_get_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_PersonView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_update_put_put_put_put: {
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
                "application/json": components["schemas"]["UpdatePerson"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_PersonView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_delete_delete_delete_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_update_patch_patch_patch: {
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
                "application/json": components["schemas"]["UpdatePerson"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_PersonView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    web_chat_config: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                public_key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ChatConfig"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    web_chat_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                public_key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSession"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_Session"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    web_chat_upload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                public_key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUpload"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_UploadTicket"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    roles_list: {
        parameters: {
            query?: {
                account_id?: string;
                filter?: string[];
                sort?: string[];
                skip?: number;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_RoleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    roles_create: {
        parameters: {
            query?: {
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRole"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_RoleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    roles_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_RoleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    roles_update_put: {
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
                "application/json": components["schemas"]["UpdateRole"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_RoleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    roles_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    roles_update: {
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
                "application/json": components["schemas"]["UpdateRole"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_RoleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    scheduled_messages_list: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_ScheduleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    scheduled_messages_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSchedule"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ScheduleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    scheduled_messages_runs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunsRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_Runs"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    scheduled_messages_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ScheduleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    scheduled_messages_update_put: {
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
                "application/json": components["schemas"]["UpdateSchedule"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ScheduleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    scheduled_messages_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    scheduled_messages_update: {
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
                "application/json": components["schemas"]["UpdateSchedule"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_ScheduleView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    scheduled_messages_occurrences: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_OccurrenceView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_list_get_get_get_get_get: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_SegmentView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_create_post_post_post_post_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSegment"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_SegmentView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_get_get_get_get_get_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_SegmentView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_update_put_put_put_put_put: {
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
                "application/json": components["schemas"]["UpdateSegment"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_SegmentView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_delete_delete_delete_delete_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_update_patch_patch_patch_patch: {
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
                "application/json": components["schemas"]["UpdateSegment"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_SegmentView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_get_get_get_get_get_get_get: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_ContactView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    group_messages_get_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_SendingLimits"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    group_messages_update_put_put: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateSendingLimits"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_SendingLimits"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    auth_finish: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Setup"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_SetUp"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_list_get_get_get_get_get_get: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_SuppressionView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_create_post_post_post_post_post_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSuppression"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_SuppressionView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_get_get_get_get_get_get_get_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_SuppressionView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    contacts_delete_delete_delete_delete_delete_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    teams_list: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_TeamView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    teams_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTeam"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_TeamView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    teams_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_TeamView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    teams_update_put: {
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
                "application/json": components["schemas"]["UpdateTeam"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_TeamView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    teams_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    teams_update: {
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
                "application/json": components["schemas"]["UpdateTeam"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_TeamView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    teams_members: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_TeamMemberView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    teams_add_member: {
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
                "application/json": components["schemas"]["NewTeamMember"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_TeamMemberView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    teams_remove_member: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    templates_list: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_TemplateView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    templates_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTemplate"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_TemplateView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    templates_categories: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_String"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    templates_preview_text: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TextToPreview"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_Preview"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    templates_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_TemplateView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    templates_update_put: {
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
                "application/json": components["schemas"]["UpdateTemplate"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_TemplateView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    templates_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    templates_update: {
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
                "application/json": components["schemas"]["UpdateTemplate"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_TemplateView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    templates_dry_run: {
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
                "application/json": components["schemas"]["NewGroupMessage"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_Estimate"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    templates_preview: {
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
                "application/json": components["schemas"]["PreviewRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_Preview"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    templates_submit: {
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
                "application/json": components["schemas"]["Submission"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_TemplateView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    files_request: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUpload"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_UploadTicket"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    files_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_UploadView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    files_put: {
        parameters: {
            query: {
                expires: number;
                signature: string;
            };
            header?: {
                "Content-Range"?: string | null;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/octet-stream": unknown;
            };
        };
        responses: {
            /** @description complete */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description more is missing */
            308: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    users_list: {
        parameters: {
            query?: {
                account_id?: string;
                filter?: string[];
                sort?: string[];
                skip?: number;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_UserView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    users_create: {
        parameters: {
            query?: {
                account_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMember"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_UserView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    users_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_Me"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    users_get: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_UserView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    users_update_put: {
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
                "application/json": components["schemas"]["UpdateUser"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_UserView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    users_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    users_update: {
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
                "application/json": components["schemas"]["UpdateUser"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["One_UserView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    teams_of_user: {
        parameters: {
            query?: {
                /**
                 * @description `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
                 *     in not_in range is_null is_not_null startswith endswith.
                 */
                filter?: string[];
                /** @description `field:asc` or `field:desc`. */
                sort?: string[];
                /** @description Up to 10,000; then take the cursor. */
                skip?: number;
                /** @description 1 to 1000; 100 unless given. */
                limit?: number;
                /** @description `meta.next_cursor` of the page before. */
                cursor?: string;
                /** @description One of one's own accounts; all of them unless given. */
                account_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Many_TeamView"];
                };
            };
            /** @description Refused or failed; `error` says why */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
}

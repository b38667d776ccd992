// Made of the AsyncAPI document by scripts/wire-types.mjs (npm run wire). Do not edit.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Format: uuid
         * @description A tenant: one organisation.
         */
        AccountId: string;
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
        /** @description One address of a contact. */
        Address: {
            channel_type: components["schemas"]["ChannelType"];
            display_name: string | null;
            identifier: string;
        };
        /** @description What a client of `/agents` says when it connects. */
        AgentAuth: {
            /** @default null */
            account_id?: components["schemas"]["AccountId"] | null;
            /**
             * Format: uuid
             * @default null
             */
            epoch?: string | null;
            /**
             * Format: int64
             * @default null
             */
            since?: number | null;
            /**
             * @description Threads to join at once, each with the last number known of it.
             * @default {}
             */
            threads?: {
                [key: string]: number | null;
            };
            /**
             * @description An access token or an API key; programs may send `Authorization: Bearer` instead.
             * @default null
             */
            token?: string | null;
        };
        /** @description An agent as colleagues see one. */
        AgentBrief: {
            avatar_url: string | null;
            id: components["schemas"]["UserId"];
            name: string;
        };
        /** @description The first event on `/agents`. What belongs to an account is null until one is joined. */
        AgentHello: {
            account_id: components["schemas"]["AccountId"] | null;
            account_ids: components["schemas"]["AccountId"][];
            /** Format: uuid */
            connection_id: string;
            /** @description Other nodes are heard later than usual. */
            degraded: boolean;
            /**
             * Format: uuid
             * @description The life of the database; numbers of another one are void.
             */
            epoch: string;
            /**
             * Format: int64
             * @description The last number of the account's feed.
             */
            head: number | null;
            limits: components["schemas"]["Limits"];
            permissions: components["schemas"]["Permissions"] | null;
            presence: components["schemas"]["Seen"][] | null;
            queue: components["schemas"]["QueueView"] | null;
            resumed: boolean;
            /** Format: date-time */
            server_time: string;
            user: components["schemas"]["Myself"];
        };
        /** @description An agent has taken the customer's conversation. */
        AgentJoined: components["schemas"]["PublicAgent"] & {
            account_id: components["schemas"]["AccountId"];
            conversation_id: components["schemas"]["ConversationId"];
        };
        /** @description All that was missed has been sent; what follows is new. */
        AgentLive: {
            account_id: components["schemas"]["AccountId"];
            /** Format: int64 */
            seq: number;
        };
        /** @description The agents whose presence changed. */
        AgentPresence: {
            account_id: components["schemas"]["AccountId"];
            agents: components["schemas"]["Seen"][];
        };
        /**
         * @description The availability that an agent sets, kept per account. Only `online` receives work.
         * @enum {string}
         */
        AgentStatus: "online" | "away" | "offline";
        AgentStatusSet: {
            account_id: components["schemas"]["AccountId"];
            /** @description As colleagues see one. */
            shown: components["schemas"]["AgentStatus"];
            status: components["schemas"]["AgentStatus"];
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
        AskedHistory: {
            /** Format: int64 */
            before?: number | null;
            conversation_id: components["schemas"]["ConversationId"];
            /** Format: int64 */
            limit?: number | null;
        };
        AskedOwnHistory: {
            /** Format: int64 */
            before?: number | null;
            /** Format: int64 */
            limit?: number | null;
        };
        /**
         * @description Gives a conversation to an agent, a team, or back to the queue. An absent field stays as it is, a
         *     null one is cleared.
         */
        AssignCommand: {
            assignee_id?: components["schemas"]["UserId"] | null;
            conversation_id: components["schemas"]["ConversationId"];
            expected_assignee_id?: components["schemas"]["UserId"] | null;
            note?: string | null;
            team_id?: components["schemas"]["TeamId"] | null;
        };
        /** @description The reader has got a conversation: by whom and why. */
        AssignmentNotice: {
            account_id: components["schemas"]["AccountId"];
            assigned_by: components["schemas"]["UserId"] | null;
            assignee_id: components["schemas"]["UserId"];
            conversation_id: components["schemas"]["ConversationId"];
            reason: string;
            rule_name: string | null;
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
        /** @description The token holds no more; the socket is closed. */
        AuthExpired: {
            /** @description `expired` or `revoked`. */
            reason: string;
        };
        /** @description The token ends soon: answer with `auth:refresh`. */
        AuthExpiring: {
            /** Format: int64 */
            in_s: number;
        };
        /**
         * @description Whether the bot may still speak in a conversation. Only a reopening or a new conversation
         *     makes it active again.
         * @enum {string}
         */
        BotState: "active" | "handed_over";
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
        CannedHits: {
            canned_responses: components["schemas"]["CannedHit"][];
        };
        /** Format: uuid */
        CannedResponseId: string;
        CannedSearch: {
            account_id?: components["schemas"]["AccountId"] | null;
            conversation_id?: components["schemas"]["ConversationId"] | null;
            q?: string;
        };
        ChangeConversation: components["schemas"]["UpdateConversation"] & {
            conversation_id: components["schemas"]["ConversationId"];
        };
        /** Format: uuid */
        ChannelId: string;
        /** @description A channel works, or does not any more. */
        ChannelNotice: {
            account_id: components["schemas"]["AccountId"];
            channel_id: components["schemas"]["ChannelId"];
            error_message: string | null;
            status: components["schemas"]["ChannelStatus"];
        };
        /** @description Customers are not heard on a channel any more, or the provider's receipts, or they are again. */
        ChannelSilence: {
            account_id: components["schemas"]["AccountId"];
            channel_id: components["schemas"]["ChannelId"];
            name: string;
            of: components["schemas"]["SilentOf"];
            /**
             * Format: date-time
             * @description Since when nothing has come in, which is too long; `null`: the alarm is over.
             */
            since: string | null;
        };
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
        /** @description Why a command was refused. */
        CommandError: {
            code: components["schemas"]["ErrorCode"];
            /** @description Facts for programs: `errors` of refused fields, `retry_after_ms` of limits. */
            details: {
                [key: string]: unknown;
            };
            message: string;
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
        /** @description A conversation as it is now, and which of its fields changed. */
        ConversationChanged: components["schemas"]["ConversationView"] & {
            /** @description Names of the fields that changed. */
            changed: string[];
        };
        /** @description The reader sees the conversation no more. */
        ConversationHidden: {
            account_id: components["schemas"]["AccountId"];
            conversation_id: components["schemas"]["ConversationId"];
        };
        /** Format: uuid */
        ConversationId: string;
        /** @description A page of the list. */
        ConversationPage: {
            /**
             * Format: int64
             * @description Feed events with a greater number are not in the page yet.
             */
            as_of_seq: number;
            conversations: components["schemas"]["ConversationView"][];
            counts: components["schemas"]["ViewCounts"];
            next_cursor: string | null;
        };
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
        /** @description The question for a rating, and the answer once there is one. */
        Csat: {
            question: string;
            /** Format: int32 */
            rating: number | null;
            /**
             * Format: int32
             * @description The best rating; the worst is 1.
             */
            scale: number;
        };
        /** @description The customer is asked how it was. */
        CsatRequest: {
            account_id: components["schemas"]["AccountId"];
            conversation_id: components["schemas"]["ConversationId"];
            question: string;
            /**
             * Format: int32
             * @description The best rating; the worst is 1.
             */
            scale: number;
        };
        /** @description What a client of `/customers` says when it connects. */
        CustomerAuth: {
            /** @default null */
            conversation_id?: components["schemas"]["ConversationId"] | null;
            /**
             * Format: uuid
             * @default null
             */
            epoch?: string | null;
            /**
             * Format: int64
             * @default null
             */
            since?: number | null;
            /**
             * @description Of the visitor's session.
             * @default null
             */
            token?: string | null;
        };
        /** @description The first event on `/customers`. `entries` is the newest page, unless the thread was resumed. */
        CustomerHello: {
            account_id: components["schemas"]["AccountId"];
            /** Format: uuid */
            connection_id: string;
            conversation: components["schemas"]["PublicConversation"] | null;
            /** @description Other nodes are heard later than usual. */
            degraded: boolean;
            entries: components["schemas"]["PublicMessage"][] | null;
            /**
             * Format: uuid
             * @description The life of the database; numbers of another one are void.
             */
            epoch: string;
            has_more: boolean | null;
            /**
             * Format: int64
             * @description The last number of the thread.
             */
            head: number | null;
            limits: components["schemas"]["Limits"];
            offline_message: string | null;
            /** @description Somebody who may answer is available. */
            online: boolean;
            pre_chat_form: {
                [key: string]: unknown;
            } | null;
            resumed: boolean;
            /** Format: date-time */
            server_time: string;
            team_name: string;
            visitor: components["schemas"]["VisitorView"];
            welcome: string | null;
        };
        /** @description All that was missed has been sent; what follows is new. */
        CustomerLive: {
            account_id: components["schemas"]["AccountId"];
            conversation_id: components["schemas"]["ConversationId"] | null;
            /** Format: int64 */
            seq: number | null;
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
        /**
         * @description What went wrong, for programs. REST and the socket use the same list.
         * @enum {string}
         */
        ErrorCode: "bad_request" | "account_required" | "unauthorized" | "forbidden" | "not_found" | "conflict" | "too_large" | "bad_range" | "validation_error" | "too_many_threads" | "rate_limited" | "internal_error" | "service_unavailable";
        /** Format: uuid */
        EventId: string;
        /** @description How far the account's feed has been read, for a reader who sees little of it. */
        FeedPosition: {
            account_id: components["schemas"]["AccountId"];
            /** Format: int64 */
            seq: number;
        };
        /** Format: uuid */
        GroupMessageId: string;
        /** @description How far a group message has got: absolute values, valid as of `version`. */
        GroupMessageProgress: components["schemas"]["Counts"] & {
            account_id: components["schemas"]["AccountId"];
            group_message_id: components["schemas"]["GroupMessageId"];
            name: string | null;
            /** @description Why it is paused or failed. */
            reason: string | null;
            status: components["schemas"]["GroupMessageStatus"];
            /**
             * Format: int64
             * @description Rises with every change; a smaller one is older news.
             */
            version: number;
        };
        /** @enum {string} */
        GroupMessageStatus: "draft" | "queued" | "processing" | "paused" | "completed" | "partially_failed" | "failed" | "cancelled";
        /** @description A page of a thread, oldest first. */
        HistoryPage: {
            entries: components["schemas"]["MessageView"][];
            has_more: boolean;
        };
        Identified: {
            verified: boolean;
            visitor: components["schemas"]["VisitorView"];
        };
        /** @description What a visitor says of themselves later on. */
        IdentifyCommand: components["schemas"]["Identity"] & {
            attributes?: unknown;
            /** @default null */
            email?: string | null;
            /** @default null */
            name?: string | null;
            /** @default null */
            phone?: string | null;
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
        InboxList: components["schemas"]["InboxListQuery"] & {
            account_id?: components["schemas"]["AccountId"] | null;
        };
        /** @description What to list. */
        InboxListQuery: {
            /** @description As given by the page before. */
            cursor?: string | null;
            filter?: components["schemas"]["ListFilter"];
            /** Format: int64 */
            limit?: number | null;
            sort?: components["schemas"]["ListSort"];
            view?: components["schemas"]["ListView"];
        };
        /** @description A thread by `conversation_id`, or several. */
        JoinThreads: {
            conversation_id?: components["schemas"]["ConversationId"] | null;
            conversations?: components["schemas"]["ThreadToJoin"][];
            /**
             * Format: int64
             * @description The last number known of it.
             */
            since?: number | null;
        };
        /** @description One thread, or those that were asked for together, each answered by itself. */
        Joined: components["schemas"]["Thread"] | {
            conversations: components["schemas"]["JoinedOrNot"][];
        };
        JoinedOrNot: components["schemas"]["Thread"] | {
            conversation_id: components["schemas"]["ConversationId"];
            error: components["schemas"]["CommandError"];
        };
        LeaveThreads: {
            conversation_id?: components["schemas"]["ConversationId"] | null;
            conversations?: components["schemas"]["ThreadToLeave"][];
        };
        /** @description What a client may do, and how much of it. */
        Limits: {
            /** Format: double */
            command_burst: number;
            /** Format: double */
            commands_per_second: number;
            max_packet_bytes: number;
            /** Format: int64 */
            replay_entries: number;
            /** Format: int64 */
            replay_seconds: number;
            threads: number;
        };
        /**
         * @description Why a channel does not carry a file.
         * @enum {string}
         */
        LinkReason: "channel" | "kind" | "type" | "size";
        /** @description Narrows a view; what is absent does not. */
        ListFilter: {
            assignee_id?: components["schemas"]["UserId"] | null;
            channel_id?: components["schemas"]["ChannelId"] | null;
            channel_type?: components["schemas"]["ChannelType"] | null;
            contact_id?: components["schemas"]["ContactId"] | null;
            label?: string | null;
            priority?: components["schemas"]["Priority"] | null;
            /** @description Part of the contact's name, address or the subject. */
            q?: string | null;
            status?: components["schemas"]["ConversationStatus"][] | null;
            team_id?: components["schemas"]["TeamId"] | null;
            /** @description Only those that nobody holds. */
            unassigned?: boolean;
            /** @description Only those with unread messages. */
            unread?: boolean;
        };
        /**
         * @description The order of the list.
         * @enum {string}
         */
        ListSort: "newest" | "oldest" | "waiting" | "priority" | "created";
        /**
         * @description The views of the inbox.
         * @enum {string}
         */
        ListView: "mine" | "unassigned" | "team" | "bot" | "all" | "mentions";
        /** @description The reader was named in a note. */
        MentionNotice: {
            account_id: components["schemas"]["AccountId"];
            by: components["schemas"]["UserId"];
            conversation_id: components["schemas"]["ConversationId"];
            message_id: components["schemas"]["MessageId"];
        };
        /** Format: uuid */
        MessageId: string;
        /**
         * @description Where a message stands. `read` is no status: it is the time `read_at`.
         * @enum {string}
         */
        MessageStatus: "scheduled" | "queued" | "sending" | "sent" | "delivered" | "failed" | "permanently_failed" | "unknown" | "cancelled";
        /** @description How far a message has got. */
        MessageTick: {
            account_id: components["schemas"]["AccountId"];
            conversation_id: components["schemas"]["ConversationId"];
            error: components["schemas"]["DeliveryError"] | null;
            message_id: components["schemas"]["MessageId"];
            /** Format: date-time */
            read_at: string | null;
            status: components["schemas"]["Tick"];
        };
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
        /** @description The second argument of every entry of a log: where it stands. */
        Meta: {
            /** Format: date-time */
            at: string;
            id: components["schemas"]["EventId"];
            /** @description `account:ID` or `conversation:ID`. */
            log: string;
            /** Format: int64 */
            seq: number;
        };
        /** @description The signed-in person, or the one whose API key it is. */
        Myself: {
            email: string;
            id: components["schemas"]["UserId"];
            name: string;
        };
        NamedAccount: {
            account_id: components["schemas"]["AccountId"];
        };
        NamedConversation: {
            conversation_id: components["schemas"]["ConversationId"];
        };
        /** @description A command that takes nothing, or nothing that is looked at. */
        Nothing: {
            [key: string]: unknown;
        };
        OfMessage: {
            message_id: components["schemas"]["MessageId"];
        };
        OneConversation: {
            conversation: components["schemas"]["ConversationView"];
        };
        OneMessage: {
            message: components["schemas"]["MessageView"];
        };
        OwnConversation: {
            conversation: components["schemas"]["PublicConversation"];
        };
        /** @description How far the customer has read. */
        OwnReadMark: {
            /** Format: int64 */
            seq: number;
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
        /** @description A set of permissions; stored and sent as a list of strings. */
        Permissions: components["schemas"]["Permission"][];
        /**
         * @description How urgent a conversation is; the queue serves higher ones first.
         * @enum {string}
         */
        Priority: "low" | "normal" | "high" | "urgent";
        /** @description An agent as a customer sees one. */
        PublicAgent: {
            avatar_url: string | null;
            name: string;
        };
        /** @description A conversation as its customer may know it. */
        PublicConversation: {
            account_id: components["schemas"]["AccountId"];
            agent: components["schemas"]["PublicAgent"] | null;
            /** @description The same as `id`. */
            conversation_id: components["schemas"]["ConversationId"];
            /** Format: date-time */
            created_at: string;
            csat: components["schemas"]["Csat"] | null;
            /**
             * Format: int64
             * @description The last number of the thread's log.
             */
            head: number;
            id: components["schemas"]["ConversationId"];
            /** Format: date-time */
            resolved_at: string | null;
            status: components["schemas"]["ConversationStatus"];
        };
        /** @description The customer's conversation has another status or another agent. */
        PublicConversationChanged: {
            account_id: components["schemas"]["AccountId"];
            agent: components["schemas"]["PublicAgent"] | null;
            conversation_id: components["schemas"]["ConversationId"];
            csat: components["schemas"]["Csat"] | null;
            status: components["schemas"]["ConversationStatus"];
        };
        /** @description A page of a thread as its customer sees it, oldest first. */
        PublicHistoryPage: {
            entries: components["schemas"]["PublicMessage"][];
            has_more: boolean;
        };
        /** @description A message as the customer sees it. */
        PublicMessage: {
            account_id: components["schemas"]["AccountId"];
            attachments: components["schemas"]["Attachment"][];
            /** Format: uuid */
            client_message_id: string | null;
            content: string;
            content_type: components["schemas"]["ContentType"];
            conversation_id: components["schemas"]["ConversationId"] | null;
            /** Format: date-time */
            created_at: string;
            id: components["schemas"]["MessageId"];
            message_body: string;
            message_id: components["schemas"]["MessageId"];
            /** Format: date-time */
            read_at: string | null;
            reply_to: components["schemas"]["MessageId"] | null;
            sender: components["schemas"]["PublicAgent"] | null;
            sender_type: components["schemas"]["SenderType"];
            /** Format: int64 */
            seq: number | null;
            status: components["schemas"]["MessageStatus"];
        };
        /** @description How far a message has got, as its customer may know it. */
        PublicMessageTick: {
            account_id: components["schemas"]["AccountId"];
            conversation_id: components["schemas"]["ConversationId"];
            message_id: components["schemas"]["MessageId"];
            status: components["schemas"]["Tick"];
        };
        /** @description An agent begins or ends to type; without news it ends by itself. */
        PublicTyping: {
            account_id: components["schemas"]["AccountId"];
            conversation_id: components["schemas"]["ConversationId"];
            /** Format: int64 */
            expires_in_ms: number;
            typing: boolean;
        };
        /** @description The customer's place in the queue. */
        QueuePosition: {
            account_id: components["schemas"]["AccountId"];
            conversation_id: components["schemas"]["ConversationId"];
            /**
             * Format: int64
             * @description Null while it is not known.
             */
            estimate_s: number | null;
            /** Format: int64 */
            position: number;
        };
        /** @description The queue as it is now. */
        QueueUpdate: components["schemas"]["QueueView"];
        /** @description Who waits for an agent. */
        QueueView: {
            account_id: components["schemas"]["AccountId"];
            /**
             * Format: int64
             * @description Of the one who has waited longest; 0 when nobody waits.
             */
            oldest_waiting_seconds: number;
            teams: components["schemas"]["TeamQueue"][];
            /** Format: int64 */
            unassigned_count: number;
        };
        Rating: {
            comment?: string | null;
            /**
             * Format: int32
             * @description 1 to 5; 5 is best.
             */
            rating: number;
        };
        /** @description How far one has read. */
        ReadMark: {
            conversation_id: components["schemas"]["ConversationId"];
            /** Format: int64 */
            seq: number;
        };
        /** @description Asks to go on with a newer token. */
        Refresh: {
            token: string;
        };
        Refreshed: {
            /**
             * Format: date-time
             * @description Null for a credential without an end.
             */
            expires_at: string | null;
        };
        /** @description Until when the channel takes free text. */
        ReplyWindow: {
            /**
             * Format: date-time
             * @description Null: no limit.
             */
            ends_at: string | null;
        };
        /** @description The numbers that the client remembers of a log are of no use: fetch afresh, go on from `head`. */
        Reset: {
            /**
             * Format: int64
             * @description Null when the log cannot be read.
             */
            head: number | null;
            /** @description `account:ID` or `conversation:ID`. */
            log: string;
            /** @description `too_old`, `ahead`, `epoch` or `visibility`; of a thread that cannot be joined, the error's code. */
            reason: string;
        };
        /** @description How an agent appears to colleagues. */
        Seen: {
            /** Format: date-time */
            since: string;
            /** @description `offline` when no tab is connected, whatever was chosen. */
            status: components["schemas"]["AgentStatus"];
            user_id: components["schemas"]["UserId"];
        };
        /** @description An agent's answer or note. */
        SendMessage: {
            attachments?: components["schemas"]["AttachmentInput"][];
            canned_response_id?: components["schemas"]["CannedResponseId"] | null;
            /**
             * Format: uuid
             * @description Repeating one returns the first result.
             */
            client_message_id?: string | null;
            content?: string;
            content_type?: components["schemas"]["ContentType"] | null;
            conversation_id: components["schemas"]["ConversationId"];
            /** @description A note: agents only, never sent. */
            is_private?: boolean;
            mentions?: components["schemas"]["UserId"][];
            metadata?: unknown;
            reply_to?: components["schemas"]["MessageId"] | null;
            /**
             * Format: date-time
             * @description Not before then.
             */
            send_at?: string | null;
        };
        /** @enum {string} */
        SenderType: "contact" | "agent" | "bot" | "system";
        SentByVisitor: {
            conversation: components["schemas"]["PublicConversation"];
            message: components["schemas"]["PublicMessage"];
        };
        /** @description The node stops: connect again after so long. */
        ServerDraining: {
            /** Format: int32 */
            reconnect_in_ms: number;
        };
        SetAgentStatus: {
            account_id?: components["schemas"]["AccountId"] | null;
            status: components["schemas"]["AgentStatus"];
        };
        SetConversationStatus: {
            conversation_id: components["schemas"]["ConversationId"];
            note?: string | null;
            status: components["schemas"]["ConversationStatus"];
        };
        /**
         * @description What does not come on a channel any more.
         * @enum {string}
         */
        SilentOf: "messages" | "receipts";
        Subscribe: {
            account_id: components["schemas"]["AccountId"];
            /**
             * Format: uuid
             * @description The epoch in which it was given.
             */
            epoch?: string | null;
            /**
             * Format: int64
             * @description The last number known of its feed.
             */
            since?: number | null;
        };
        Subscribed: {
            account_id: components["schemas"]["AccountId"];
            /** Format: uuid */
            epoch: string;
            /** Format: int64 */
            head: number;
            presence: components["schemas"]["Seen"][];
            queue: components["schemas"]["QueueView"];
            resumed: boolean;
        };
        /** Format: uuid */
        TeamId: string;
        /** @description The part of a queue that belongs to one team. */
        TeamQueue: {
            /** Format: int64 */
            oldest_waiting_seconds: number;
            team_id: components["schemas"]["TeamId"];
            /** Format: int64 */
            unassigned_count: number;
        };
        /** Format: uuid */
        TemplateId: string;
        /** @description What an agent sees when opening a thread. */
        Thread: {
            account_id: components["schemas"]["AccountId"];
            bot_context: {
                [key: string]: unknown;
            };
            contact: components["schemas"]["ThreadContact"];
            /** @description The customer has the chat open. */
            contact_online: boolean;
            conversation: components["schemas"]["ConversationView"];
            conversation_id: components["schemas"]["ConversationId"];
            entries: components["schemas"]["MessageView"][];
            has_more: boolean;
            /**
             * Format: int64
             * @description The last number of its log.
             */
            head: number;
            /**
             * Format: int64
             * @description How far one has read oneself.
             */
            read_seq: number;
            reply_window: components["schemas"]["ReplyWindow"];
            /** @description Why it could not be resumed. */
            reset: string | null;
            /** @description The missed entries follow as events; else `entries` holds the newest page. */
            resumed: boolean;
            viewers: components["schemas"]["Viewer"][];
        };
        /** @description The customer of a thread, with all their addresses. */
        ThreadContact: components["schemas"]["ContactView"] & {
            identifiers: components["schemas"]["Address"][];
            visitor: components["schemas"]["ThreadVisitor"] | null;
        };
        ThreadToJoin: {
            id: components["schemas"]["ConversationId"];
            /**
             * Format: int64
             * @description The last number known of it.
             */
            since?: number | null;
        };
        ThreadToLeave: components["schemas"]["ConversationId"] | components["schemas"]["ThreadToJoin"];
        /** @description What is known of a visitor beside their name and addresses. */
        ThreadVisitor: {
            /** @description Answers to the questions before the chat, and what the page told. */
            attributes: {
                [key: string]: unknown;
            };
            /** @description The page has proved who it is; otherwise all of it is a claim. */
            is_verified: boolean;
            /** @description The page that they look at: `url`, `title`, `referrer`. */
            page: {
                [key: string]: unknown;
            } | null;
        };
        /**
         * @description How far a message has got: its status, and `read` once the customer has read it.
         * @enum {string}
         */
        Tick: "scheduled" | "queued" | "sending" | "sent" | "delivered" | "read" | "failed" | "permanently_failed" | "unknown" | "cancelled";
        /** @description Somebody begins or ends to type; without news it ends by itself. */
        Typing: {
            account_id: components["schemas"]["AccountId"];
            conversation_id: components["schemas"]["ConversationId"];
            /** Format: int64 */
            expires_in_ms: number;
            name: string | null;
            sender_type: components["schemas"]["SenderType"];
            typing: boolean;
            user_id: components["schemas"]["UserId"] | null;
        };
        /** @description Labels, priority, subject. */
        UpdateConversation: {
            labels?: string[] | null;
            metadata?: {
                [key: string]: unknown;
            } | null;
            priority?: components["schemas"]["Priority"] | null;
            subject?: string | null;
        };
        /** Format: uuid */
        UploadId: string;
        /** Format: uuid */
        UserId: string;
        /** @description How many live conversations each view and each team hold, counted to 1,000. */
        ViewCounts: {
            /** Format: int64 */
            all: number;
            /** Format: int64 */
            bot: number;
            /** Format: int64 */
            mentions: number;
            /** Format: int64 */
            mine: number;
            /**
             * Format: int64
             * @description Of all the caller's teams.
             */
            team: number;
            /** @description Of each team; one that has none is left out. */
            teams: {
                [key: string]: number;
            };
            /** Format: int64 */
            unassigned: number;
        };
        Viewer: {
            name: string;
            user_id: components["schemas"]["UserId"];
        };
        /** @description Who looks at a conversation, each once. */
        Viewers: {
            account_id: components["schemas"]["AccountId"];
            conversation_id: components["schemas"]["ConversationId"];
            viewers: components["schemas"]["Viewer"][];
        };
        /**
         * Format: uuid
         * @description A browser that opened the web chat.
         */
        VisitorId: string;
        /** @description The visitor is now known as somebody whom the page vouched for. */
        VisitorMerged: {
            account_id: components["schemas"]["AccountId"];
            conversation_id: components["schemas"]["ConversationId"];
            visitor: components["schemas"]["VisitorView"];
        };
        /** @description A visitor's message. */
        VisitorMessage: {
            attachments?: components["schemas"]["AttachmentInput"][];
            /** Format: uuid */
            client_message_id: string;
            content?: string;
            reply_to?: components["schemas"]["MessageId"] | null;
        };
        /** @description A visitor as they may see themselves. */
        VisitorView: {
            email: string | null;
            id: components["schemas"]["VisitorId"];
            name: string | null;
            phone: string | null;
            verified: boolean;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;

export type Schemas = components["schemas"];

/** Commands of /agents: what each takes, and what its acknowledgement holds. */
export interface AgentCommands {
  /** Read an account's feed beside those that are read already. */
  "account:subscribe": { payload: Schemas["Subscribe"]; data: Schemas["Subscribed"] };
  /** Stop reading an account's feed; its threads are left, too. */
  "account:unsubscribe": { payload: Schemas["NamedAccount"]; data: Schemas["NamedAccount"] };
  /** Say whether one is available. */
  "agent:status": { payload: Schemas["SetAgentStatus"]; data: Schemas["AgentStatusSet"] };
  /** Go on with a newer token of the same user. */
  "auth:refresh": { payload: Schemas["Refresh"]; data: Schemas["Refreshed"] };
  /** Canned responses that fit, best first, with variables filled. */
  "canned:search": { payload: Schemas["CannedSearch"]; data: Schemas["CannedHits"] };
  /** Give a conversation to an agent, a team, or back to the queue. */
  "conversation:assign": { payload: Schemas["AssignCommand"]; data: Schemas["OneConversation"] };
  /** Older messages of a thread. */
  "conversation:history": { payload: Schemas["AskedHistory"]; data: Schemas["HistoryPage"] };
  /** Open a thread, or several: what it holds, and from then on what happens in it. */
  "conversation:join": { payload: Schemas["JoinThreads"]; data: Schemas["Joined"] };
  /** Stop reading threads. */
  "conversation:leave": { payload: Schemas["LeaveThreads"]; data: null };
  /** Remember how far one has read. */
  "conversation:read": { payload: Schemas["ReadMark"]; data: Schemas["ReadMark"] };
  /** Move a conversation to another status. */
  "conversation:status": { payload: Schemas["SetConversationStatus"]; data: Schemas["OneConversation"] };
  /** Tell the others in a joined thread that one types; lasts five seconds. */
  "conversation:typing:start": { payload: Schemas["NamedConversation"]; data: null };
  /** Tell them that one does not any more. */
  "conversation:typing:stop": { payload: Schemas["NamedConversation"]; data: null };
  /** Change labels, priority or subject. */
  "conversation:update": { payload: Schemas["ChangeConversation"]; data: Schemas["OneConversation"] };
  /** A page of conversations of a view, newest message first, and how many each view holds. */
  "inbox:list": { payload: Schemas["InboxList"]; data: Schemas["ConversationPage"] };
  /** Take back a message that waits for its time. */
  "message:cancel": { payload: Schemas["OfMessage"]; data: Schemas["OneMessage"] };
  /** Try a message again that failed, or whose outcome is not known. */
  "message:retry": { payload: Schemas["OfMessage"]; data: Schemas["OneMessage"] };
  /** Answer the customer, or leave a note. The acknowledgement means that it is stored. */
  "message:send": { payload: Schemas["SendMessage"]; data: Schemas["OneMessage"] };
}

/** Events of /agents: what each carries. */
export interface AgentEvents {
  "agent:presence": Schemas["AgentPresence"];
  "auth:expired": Schemas["AuthExpired"];
  "auth:expiring": Schemas["AuthExpiring"];
  "channel:silence": Schemas["ChannelSilence"];
  "channel:status": Schemas["ChannelNotice"];
  "conversation:activity": Schemas["ConversationActivity"];
  "conversation:hidden": Schemas["ConversationHidden"];
  "conversation:message": Schemas["MessageView"];
  "conversation:new": Schemas["ConversationView"];
  "conversation:typing": Schemas["Typing"];
  "conversation:updated": Schemas["ConversationChanged"];
  "conversation:viewers": Schemas["Viewers"];
  "feed:position": Schemas["FeedPosition"];
  "group_message:progress": Schemas["GroupMessageProgress"];
  "hello": Schemas["AgentHello"];
  "live": Schemas["AgentLive"];
  "message:status": Schemas["MessageTick"];
  "notification:assignment": Schemas["AssignmentNotice"];
  "notification:mention": Schemas["MentionNotice"];
  "queue:update": Schemas["QueueUpdate"];
  "reset": Schemas["Reset"];
  "server:draining": Schemas["ServerDraining"];
}

/** Those that are entries of a log: they come with a Meta. */
export type AgentLogEvents = "channel:silence" | "channel:status" | "conversation:activity" | "conversation:hidden" | "conversation:message" | "conversation:new" | "conversation:updated" | "group_message:progress" | "message:status" | "notification:assignment" | "notification:mention";

/** Commands of /customers: what each takes, and what its acknowledgement holds. */
export interface CustomerCommands {
  /** Go on with a newer token of the same visitor. */
  "auth:refresh": { payload: Schemas["Refresh"]; data: Schemas["Refreshed"] };
  /** End the conversation: it is resolved. */
  "conversation:close": { payload: Schemas["Nothing"]; data: Schemas["OwnConversation"] };
  /** Older messages of the thread. */
  "conversation:history": { payload: Schemas["AskedOwnHistory"]; data: Schemas["PublicHistoryPage"] };
  /** Say how far one has read. */
  "conversation:read": { payload: Schemas["OwnReadMark"]; data: Schemas["OwnReadMark"] };
  /** Tell the agents that one types; lasts five seconds. */
  "conversation:typing:start": { payload: Schemas["Nothing"]; data: null };
  /** Tell them that one does not any more. */
  "conversation:typing:stop": { payload: Schemas["Nothing"]; data: null };
  /** Rate the conversation. */
  "csat:submit": { payload: Schemas["Rating"]; data: null };
  /** Write. Opens or reopens a conversation when there is none; the acknowledgement means that it is stored. */
  "message:send": { payload: Schemas["VisitorMessage"]; data: Schemas["SentByVisitor"] };
  /** Say who one is; what is not signed is a claim that agents see. */
  "visitor:identify": { payload: Schemas["IdentifyCommand"]; data: Schemas["Identified"] };
  /** Say which page one looks at. */
  "visitor:page": { payload: Schemas["PageView"]; data: null };
}

/** Events of /customers: what each carries. */
export interface CustomerEvents {
  "agent:joined": Schemas["AgentJoined"];
  "auth:expired": Schemas["AuthExpired"];
  "auth:expiring": Schemas["AuthExpiring"];
  "conversation:message": Schemas["PublicMessage"];
  "conversation:typing": Schemas["PublicTyping"];
  "conversation:updated": Schemas["PublicConversationChanged"];
  "csat:request": Schemas["CsatRequest"];
  "hello": Schemas["CustomerHello"];
  "live": Schemas["CustomerLive"];
  "message:status": Schemas["PublicMessageTick"];
  "queue:position": Schemas["QueuePosition"];
  "reset": Schemas["Reset"];
  "server:draining": Schemas["ServerDraining"];
  "visitor:merged": Schemas["VisitorMerged"];
}

/** Those that are entries of a log: they come with a Meta. */
export type CustomerLogEvents = "agent:joined" | "conversation:message" | "conversation:updated" | "csat:request" | "message:status";

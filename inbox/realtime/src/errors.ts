/** Why a command was not done. */
export type CommandErrorCode =
  | "bad_request" | "account_required" | "unauthorized" | "forbidden" | "not_found" | "conflict" | "too_large"
  | "validation_error" | "too_many_threads" | "rate_limited" | "internal_error" | "service_unavailable"
  /** There is no connection, or it was lost: whether the command was done is not known. */
  | "offline"
  /** No answer came in time: whether the command was done is not known. */
  | "timeout";

export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(
    readonly code: CommandErrorCode,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
  }

  /** The same command may succeed later without being changed. */
  get isTransient(): boolean {
    return ["offline", "timeout", "rate_limited", "internal_error", "service_unavailable"].includes(this.code);
  }

  /** Milliseconds to wait, if the server said so. */
  get retryAfter(): number | undefined {
    const ms = this.details["retry_after_ms"];
    return typeof ms === "number" ? ms : undefined;
  }
}

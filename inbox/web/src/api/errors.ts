/** What the hub answers to a request that it refuses, or the reason why none was answered. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    /** The hub's error code, or `offline` when it could not be reached. */
    readonly code: string,
    message: string,
    readonly status: number,
    readonly details: Record<string, unknown> = {},
    /** To be named when asking for help. */
    readonly requestId: string | null = null,
  ) {
    super(message);
  }

  /** Refused fields by their dotted path. */
  get fields(): Record<string, string> {
    const errors = this.details.errors;
    if (!Array.isArray(errors)) return {};
    return Object.fromEntries(errors.map(({ field, message }: { field: string; message: string }) => [field, message]));
  }

  /** The first refused field. */
  get field(): string | null {
    return Object.keys(this.fields)[0] ?? (typeof this.details.field === "string" ? this.details.field : null);
  }
}

export function errorOf(status: number, body: unknown): ApiError {
  const told = (body ?? {}) as {
    error?: string;
    message?: string;
    details?: Record<string, unknown>;
    request_id?: string;
  };
  return new ApiError(
    told.error ?? (status === 0 ? "offline" : "internal_error"),
    told.message ?? (status === 0 ? "the hub cannot be reached" : `the hub answered ${status}`),
    status,
    told.details ?? {},
    told.request_id ?? null,
  );
}

/** What is wrong with one field, and where it is: a JSON pointer (RFC 6901). */
interface FieldProblem {
  pointer: string;
  detail: string;
}

/** Why a request has no better answer (RFC 9457). */
interface Problem {
  title: string;
  status: number;
  detail: string;
  errors?: FieldProblem[];
}

/** An answer that is not a success, or (status 0) no answer at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors: FieldProblem[];
  readonly requestId: string | null;
  /** Seconds to wait before another try, where the server says so. */
  readonly retryAfter: number | null;

  constructor(
    problem: Partial<Problem> & { status: number },
    requestId: string | null = null,
    retryAfter: number | null = null,
  ) {
    super(problem.detail || problem.title || `Status ${problem.status}`);
    this.name = "ApiError";
    this.status = problem.status;
    this.title = problem.title ?? "Something went wrong";
    this.detail = problem.detail ?? "";
    this.errors = problem.errors ?? [];
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }

  get isOffline(): boolean {
    return this.status === 0;
  }
}

export function offline(): ApiError {
  return new ApiError({
    status: 0,
    title: "No connection",
    detail: "The server cannot be reached. Check your network, then try again.",
  });
}

/** Reads an error answer; what is no problem document still becomes an error with its status. */
export async function errorOf(response: Response): Promise<ApiError> {
  const requestId = response.headers.get("x-request-id");
  const wait = Number(response.headers.get("retry-after"));
  const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : null;
  const problem = await response.json().catch(() => null);
  if (isProblem(problem)) return new ApiError({ ...problem, status: response.status }, requestId, retryAfter);
  return new ApiError(
    { status: response.status, title: response.statusText || "Something went wrong" },
    requestId,
    retryAfter,
  );
}

function isProblem(value: unknown): value is Partial<Problem> {
  return typeof value === "object" && value !== null && ("title" in value || "detail" in value);
}

/** The sentence to show for any thrown value. */
export function sentence(error: unknown): string {
  if (error instanceof ApiError) return capital(error.detail || error.title);
  return error instanceof Error ? error.message : "Something went wrong";
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `/expect/status` → `expect.status`, with `~1` and `~0` read as RFC 6901 has it. */
export function fieldOf(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(".");
}

/** Error sentences by form field, as react-hook-form names fields. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(error.errors.map(({ pointer, detail }) => [fieldOf(pointer), capital(detail)]));
}

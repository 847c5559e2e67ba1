import { ApiError } from "@/lib/errors";
import { clientOf, sent, succeeded } from "./http";
import { freshToken, refresh } from "./session";

export { bodyOf, done } from "./http";

function withToken(request: Request, token: string | null): Request {
  if (token === null) throw new ApiError({ status: 401, title: "Signed out", detail: "Sign in again to go on." });
  request.headers.set("authorization", `Bearer ${token}`);
  return request;
}

/** Signs a request. A token that is refused is renewed, once. */
async function signed(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await sent(withToken(request, await freshToken()));
  return succeeded(response.status === 401 ? await sent(withToken(again, await refresh())) : response);
}

/** The API, for whoever is signed in. */
export const api = clientOf(signed);

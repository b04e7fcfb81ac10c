import type { Failure } from "./shop-api.ts";
import { staffSession } from "./staff-session.ts";
import { texts } from "./texts.ts";
import { useSession } from "./use-session.ts";

export interface Staff {
  readonly token: string | undefined;
  /** The text above the field for a token, after a refusal of the shop. */
  readonly explain: (refusal: Failure) => string;
}

export function useStaff(): Staff {
  const { session, hasExpired } = useSession(staffSession);
  const explain = ({ status, detail }: Failure) => {
    if (status === 403) return texts.staff.otherRole;
    if (status !== 401) return detail;
    return hasExpired ? texts.staff.expired : "";
  };
  return { token: session?.token, explain };
}

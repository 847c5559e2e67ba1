import { useMe } from "@/api/queries/account";
import { ErrorPanel } from "@/ui/error-panel";
import { PageHeader } from "@/ui/page-header";
import { AccountCard } from "./account-card";
import { AppearanceCard } from "./appearance-card";
import { KeyboardCard } from "./keyboard-card";
import { PasswordCard } from "./password-card";

/** Who you are, and how you like it. */
export function ProfilePage() {
  const me = useMe();
  return (
    <div className="max-w-2xl">
      <PageHeader title="Profile" />
      <div className="flex flex-col gap-4">
        {me.isError ? (
          <ErrorPanel
            error={me.error}
            title="Your account could not be loaded"
            retry={() => void me.refetch()}
            retrying={me.isFetching}
          />
        ) : null}
        {me.isError && !me.data ? null : <AccountCard me={me.data} />}
        <AppearanceCard />
        <KeyboardCard />
        <PasswordCard email={me.data?.email ?? ""} />
      </div>
    </div>
  );
}

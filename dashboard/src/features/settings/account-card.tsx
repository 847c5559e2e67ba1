import type { ReactNode } from "react";
import type { Me } from "@/api/types";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";

const ROLES: Record<Me["role"], string> = {
  owner: "Owner: may do everything",
  admin: "Admin: may change channels, policies and monitors",
  editor: "Editor: may change monitors and look after incidents",
  viewer: "Viewer: may look at everything",
};

/** The account, as the server knows it. */
export function AccountCard({ me }: { me: Me | undefined }) {
  const home = me?.organisations.find((one) => one.id === me.organisation);
  return (
    <Card title="Account">
      <dl className="grid gap-x-6 gap-y-3 text-sm sm:grid-cols-[8rem_minmax(0,1fr)]">
        <Fact word="Name">{me && (me.name || "Not given")}</Fact>
        <Fact word="E-mail">{me?.email}</Fact>
        <Fact word="Organisation">{me && (home?.name ?? me.organisation)}</Fact>
        <Fact word="Role">{me && ROLES[me.role]}</Fact>
      </dl>
    </Card>
  );
}

function Fact({ word, children }: { word: string; children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-muted max-sm:-mb-2.5">{word}</dt>
      <dd className="min-w-0 break-words">{children ?? <Skeleton className="h-5 w-44" />}</dd>
    </div>
  );
}

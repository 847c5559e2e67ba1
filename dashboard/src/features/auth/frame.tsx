import type { ReactNode } from "react";

interface FrameProps {
  title: string;
  description: string;
  children: ReactNode;
  /** The way to the other door. */
  foot: ReactNode;
}

/** The page before the dashboard: one question in the middle. */
export function Frame({ title, description, children, foot }: FrameProps) {
  return (
    <main className="flex min-h-dvh flex-col items-center px-4 pt-[max(2rem,12vh)] pb-8">
      <div className="w-full max-w-sm">
        <p className="mb-6 flex items-center justify-center gap-2.5 font-semibold text-lg tracking-tight">
          <img src="/favicon.svg" alt="" width={28} height={28} />
          UpGuard
        </p>
        <div className="rounded-lg border border-line bg-card p-5 sm:p-6">
          <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
          <p className="mt-1 mb-5 text-muted text-sm">{description}</p>
          {children}
        </div>
        <p className="mt-5 text-center text-muted text-sm">{foot}</p>
      </div>
    </main>
  );
}

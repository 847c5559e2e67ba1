import { PageHeader } from "@/ui/page-header";
import { Skeleton } from "@/ui/skeleton";

/** The form on its way. */
export function FormSkeleton({ title }: { title: string }) {
  return (
    <>
      <PageHeader title={title} />
      <div role="status" className="flex flex-col gap-4 xl:mr-[25.25rem]">
        <span className="sr-only">Loading the form</span>
        <Skeleton className="h-60" />
        <Skeleton className="h-64" />
        <Skeleton className="h-20" />
        <Skeleton className="h-20" />
      </div>
    </>
  );
}

import { Link } from "@tanstack/react-router";
import { SearchX } from "lucide-react";

export function NotFound() {
  return (
    <main className="mx-auto flex max-w-md flex-col items-center gap-3 px-4 py-24 text-center">
      <SearchX aria-hidden className="size-8 text-muted" />
      <h1 className="text-xl font-semibold">There is nothing here</h1>
      <p className="text-muted">It was deleted, or it never existed. Check the address, or look for it in the list.</p>
      <Link to="/monitors" className="font-medium text-accent underline underline-offset-2">
        All monitors
      </Link>
    </main>
  );
}
